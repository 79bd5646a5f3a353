using System.Diagnostics;
using Simmer.DiskTests.Worker;

namespace Simmer.DiskTests.Support;

/// <summary>Another process on the same file.</summary>
internal sealed class Neighbour : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    private Neighbour(Process process) => _process = process;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One that keeps the write lock.</summary>
    public static Task<Neighbour> LockAsync(string file, string kind) => StartAsync([], "lock", file, kind);

    /// <summary>One that enqueues and runs jobs.</summary>
    public static Task<Neighbour> WorkAsync(string file, int callers, Dictionary<string, string> environment) =>
        StartAsync(environment, "work", file, $"{callers}");

    /// <summary>Tells it to end and waits until it has.</summary>
    /// <returns>Its last line.</returns>
    public async Task<string> EndAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        while (await _process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(120), Token) is { } line)
        {
            _lines.Add(line);
        }

        await _process.WaitForExitAsync(Token);
        _process.ExitCode.ShouldBe(0, ToString());
        return _lines.LastOrDefault("");
    }

    public override string ToString() => string.Join('\n', _lines.TakeLast(60));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<Neighbour> StartAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(WorkerReport).Assembly.Location, .. arguments]) { RedirectStandardInput = true,
            RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var neighbour = new Neighbour(Process.Start(start)!);
        (await neighbour._process.StandardOutput.ReadLineAsync(Token)).ShouldBe("ready");
        return neighbour;
    }
}
