using System.Diagnostics;
using System.Globalization;
using Peers.Installing;

namespace Peers.Servers;

/// <summary>A Redis of one contestant's own, on a free port of the loopback.</summary>
internal sealed class RedisServer : IGround
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer-peers").FullName;
    private readonly Process _process;

    private RedisServer(int port, bool syncsAlways)
    {
        Address = $"redis://127.0.0.1:{port}";
        string[] durability = syncsAlways ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
        _process = Process.Start(new ProcessStartInfo(
            Tools.Redis,
            ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", _folder, "--logfile", "log",
                .. durability]))!;
    }

    public string Address { get; }

    public static async Task<RedisServer> StartAsync(bool syncsAlways, CancellationToken cancellationToken)
    {
        var port = Ports.Free();
        var server = new RedisServer(port, syncsAlways);
        await Ports.WhenOpenAsync(port, cancellationToken);
        return server;
    }

    public static async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        // "Redis server v=7.0.15 sha=..."
        var words = (await Shell.RunAsync(Tools.Redis, ["--version"], cancellationToken)).Split(' ');
        var version = words.First(static w => w.StartsWith("v=", StringComparison.Ordinal))[2..];
        return $"Redis {version}; default: snapshots (save 3600 1 300 100 60 10000) and no log; always: appendonly yes, appendfsync always";
    }

    public Task SettleAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // Nothing in it is to be kept.
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
