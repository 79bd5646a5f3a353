using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Simmer.Servers;

/// <summary>Finds a loopback port that no process listens on. It returns another one each time, because the server that was given a port
/// may not listen yet, or may be down for a moment.</summary>
internal static class FreePort
{
    private const int Lowest = 15_000;

    // The port lies below the range of outgoing connections. Otherwise, while a server is down for a moment, a client that tries to connect
    // could be given the server's port.
    private static readonly int s_end = EndOfRange();
    private static readonly ConcurrentDictionary<int, bool> s_given = new();

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, s_end);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                if (s_given.TryAdd(port, true))
                {
                    return port;
                }
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }

    private static int EndOfRange()
    {
        const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(Range) && int.Parse(File.ReadAllText(Range).Split('\t')[0], CultureInfo.InvariantCulture) is > Lowest
            + 1000 and var first ? first : 32_768;
    }
}
