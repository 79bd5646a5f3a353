using System.Diagnostics;
using System.Runtime.InteropServices;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A real worker process, and what it said.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    public WorkerProcess(WorkerLife life)
    {
        Life = life;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(WorkerLife).Assembly.Location);
        foreach (var argument in life.ToArguments())
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Said(e.Data);
        _process.ErrorDataReceived += (_, e) => Said(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public WorkerLife Life { get; }

    /// <summary>Ends when it works.</summary>
    public Task Ready => _ready.Task;

    /// <summary>SIGKILL: it does nothing any more, not even flush a buffer.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a deploy sends it.</summary>
    public async Task StopAsync()
    {
        kill(_process.Id, Sigterm).ShouldBe(0);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(40));
        _process.ExitCode.ShouldBe(0, ToString());
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return $"life {Life.Life}:\n{string.Join('\n', _lines)}";
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Said(string? line)
    {
        if (line is null)
        {
            // Its output ended, and so did it: nobody should go on waiting for it.
            _ready.TrySetException(new InvalidOperationException($"The worker ended before it was ready.\n{this}"));
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line == "ready")
        {
            _ready.TrySetResult();
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
