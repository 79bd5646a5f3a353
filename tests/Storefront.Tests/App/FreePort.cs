using System.Net;
using System.Net.Sockets;

namespace Storefront.Tests.App;

/// <summary>For a shop that must come back at the same address.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
