using System.Net;
using System.Net.Sockets;

namespace Simmer.Flat;

/// <summary>One keep-alive connection that sends one request over and over and takes little memory of its own.</summary>
internal static class LeanClient
{
    public static async Task RunAsync(int port, int requests)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        var request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        var buffer = new byte[4096];
        for (var i = 0; i < requests; i++)
        {
            _ = await socket.SendAsync(request);
            for (var filled = 0; !IsComplete(buffer.AsSpan(0, filled));)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
                filled += read > 0 ? read : throw new InvalidOperationException("The server closed the connection.");
            }
        }
    }

    // The answer is short and known: "done" after the head.
    private static bool IsComplete(ReadOnlySpan<byte> answer) => answer.EndsWith("\r\n\r\ndone"u8);
}
