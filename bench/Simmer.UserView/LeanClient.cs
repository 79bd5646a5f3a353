using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Simmer.UserView;

/// <summary>One keep-alive HTTP/1.1 connection that sends one request over and over. So lean that it takes little from the server on the
/// same machine.</summary>
internal sealed class LeanClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4096];
    private readonly byte[] _request;

    public LeanClient(string path) => _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    public ValueTask ConnectAsync(int port) => _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), CancellationToken.None);

    /// <summary>Sends requests until the time is over.</summary>
    public async Task<List<long>> RunAsync(TimeSpan duration)
    {
        var latencies = new List<long>(10_000);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            var at = Stopwatch.GetTimestamp();
            await _socket.SendAsync(_request);
            await ReadAnswerAsync();
            latencies.Add(Stopwatch.GetTimestamp() - at);
        }

        return latencies;
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadAnswerAsync()
    {
        var filled = 0;
        while (!IsComplete(_buffer.AsSpan(0, filled)))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            filled += read > 0 ? read : throw new InvalidOperationException("The server closed the connection.");
        }
    }

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        if (!answer.StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"The server said {Encoding.ASCII.GetString(answer)}");
        }

        var length = answer[..head].IndexOf("Content-Length: "u8);
        var digits = answer[(length + "Content-Length: "u8.Length)..head];
        var end = digits.IndexOf((byte)'\r');
        return length >= 0 && answer.Length >= head + 4 + int
            .Parse(end < 0 ? digits : digits[..end], System.Globalization.CultureInfo.InvariantCulture);
    }
}
