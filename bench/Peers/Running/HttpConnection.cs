using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Peers.Measuring;
using Peers.Serving;

namespace Peers.Running;

/// <summary>One keep-alive HTTP/1.1 connection. So lean that it takes little from the server on the same machine.</summary>
internal sealed class HttpConnection : IDisposable
{
    private const string LengthHeader = "\r\ncontent-length: ";

    private static readonly byte[] s_add = Post("/note", JsonSerializer.Serialize(Note.Make(), JsonSerializerOptions.Web));
    private static readonly byte[] s_ran = Encoding.ASCII.GetBytes("GET /ran HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    private HttpConnection()
    {
    }

    public static async Task<HttpConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return connection;
    }

    /// <summary>Adds a task, and the next one when that is answered, until it is too late.</summary>
    public async Task<long> AddUntilAsync(long until, CancellationToken cancellationToken)
    {
        var requests = 0L;
        while (Clock.Now < until)
        {
            await AddAsync(cancellationToken);
            requests++;
        }

        return requests;
    }

    public async Task AddAsync(CancellationToken cancellationToken) => await AskAsync(s_add, cancellationToken);

    /// <summary>How many tasks the process has run that serves this connection.</summary>
    public async Task<TaskReport> RanAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<TaskReport>((await AskAsync(s_ran, cancellationToken)).Span, JsonSerializerOptions.Web)!;

    public void Dispose() => _socket.Dispose();

    private static byte[] Post(string path, string body) =>
        Encoding.ASCII
            .GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(byte[] request, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(request, cancellationToken);
        var filled = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled), cancellationToken);
            filled += read > 0 ? read : throw new PeerFailedException("The server closed the connection.");
            if (BodyOf(_buffer.AsSpan(0, filled)) is { } body)
            {
                return _buffer.AsMemory(body);
            }
        }
    }

    /// <summary>Null while it is not complete.</summary>
    private static Range? BodyOf(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(answer[..end]);
        var at = head.IndexOf(LengthHeader, StringComparison.OrdinalIgnoreCase);
        if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) || at < 0)
        {
            throw new PeerFailedException($"The server said:\n{head}");
        }

        var digits = head.AsSpan(at + LengthHeader.Length);
        var next = digits.IndexOf('\r');
        var length = int.Parse(next < 0 ? digits : digits[..next], CultureInfo.InvariantCulture);
        var body = end + 4;
        return answer.Length < body + length ? null : body..(body + length);
    }
}
