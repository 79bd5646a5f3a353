using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Simmer.AspNetCore.Tests.Support;

internal sealed record RawResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>One connection, read byte by byte. An HTTP client would hide when a response ends and which connection serves which
/// request.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly byte[] _one = new byte[1];

    private RawClient(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return new RawClient(tcp);
    }

    public async Task<RawResponse> GetAsync(string path)
    {
        await SendAsync(path);
        return await ReadAsync();
    }

    public async Task SendAsync(string path, string method = "GET", string? extraHeader = null) => await _stream.WriteAsync(
        Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n{extraHeader}\r\n"),
            TestContext.Current.CancellationToken);

    public async Task<RawResponse> ReadAsync()
    {
        var (status, headers) = await ReadHeadAsync();
        return new RawResponse(status, headers, await ReadBodyAsync(headers));
    }

    public async Task<(int Status, IReadOnlyDictionary<string, string> Headers)> ReadHeadAsync()
    {
        var status = int.Parse((await ReadLineAsync()).Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return (status, headers);
    }

    public async Task<string> ReadBodyAsync(IReadOnlyDictionary<string, string> headers)
    {
        if (!headers.ContainsKey("Transfer-Encoding"))
        {
            return await ReadTextAsync(int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture));
        }

        var body = new StringBuilder();
        while (await ReadChunkAsync() is { Length: > 0 } chunk)
        {
            body.Append(chunk);
        }

        return body.ToString();
    }

    /// <summary>Reads one chunk. An empty one ends the body.</summary>
    public async Task<string> ReadChunkAsync()
    {
        var length = int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var chunk = await ReadTextAsync(length);
        await ReadLineAsync();
        return chunk;
    }

    /// <summary>Resets the connection, as a client does whose network is lost or that gives up.</summary>
    public void Dispose()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            await ReadExactlyAsync(_one);
            switch (_one[0])
            {
                case (byte)'\n': return line.ToString();
                case (byte)'\r': break;
                default: line.Append((char)_one[0]); break;
            }
        }
    }

    private async Task<string> ReadTextAsync(int length)
    {
        var bytes = new byte[length];
        await ReadExactlyAsync(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private Task ReadExactlyAsync(byte[] into) => _stream.ReadExactlyAsync(into, TestContext.Current.CancellationToken).AsTask().Soon();
}
