using System.Diagnostics;
using System.Runtime.InteropServices;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A real worker process, and what it said.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>The exit code that a shell and .NET report for a process that SIGKILL ended.</summary>
    public const int Killed = 128 + 9;

    private const int Sigkill = 9;
    private const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly int _id;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    public WorkerProcess(WorkerLife life, Dictionary<string, string>? environment)
    {
        Life = life;
        var start = new ProcessStartInfo("dotnet", [typeof(WorkerLife).Assembly.Location, life.ToArgument()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        // Most of these processes live for a second, so optimised compilation does not pay, and a dump of a process that was meant to die
        // is of no use.
        (start.Environment["DOTNET_TieredPGO"], start.Environment["DOTNET_DbgEnableMiniDump"]) = ("0", "0");
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Said(e.Data);
        _process.ErrorDataReceived += (_, e) => Said(e.Data);
        _process.Start();
        _id = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exited = EndAsync();
    }

    public WorkerLife Life { get; }

    /// <summary>Ends when it has ended and everything it said was read.</summary>
    public Task Exited { get; }

    /// <summary>Null while it lives.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Waits until it works.</summary>
    public async Task ReadyAsync()
    {
        try
        {
            await _ready.Task.WaitAsync(s_patience);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"The worker ended before it was ready.\n{this}");
        }
    }

    /// <summary>Waits until it works, or has ended, or the time is over.</summary>
    public Task ReadyOrGoneAsync() => Task.WhenAny(_ready.Task, Exited, Task.Delay(s_patience));

    /// <summary>Sends SIGKILL. The process does nothing any more and flushes no buffer.</summary>
    public async Task KillAsync()
    {
        Signal(Sigkill);
        await Exited;
    }

    /// <summary>SIGTERM, as a deploy sends it; does not wait.</summary>
    public void Terminate() => Signal(Sigterm);

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        Terminate();
        await StoppedAsync();
    }

    /// <summary>Waits for its end, which must be a clean one.</summary>
    public async Task StoppedAsync()
    {
        await Exited.WaitAsync(s_patience);
        ExitCode.ShouldBe(0, ToString());
    }

    /// <summary>Sends SIGSTOP. The process stands still without noticing it.</summary>
    public void Freeze() => Signal(Sigstop);

    /// <summary>Sends SIGCONT. The process goes on where it stood.</summary>
    public void Thaw() => Signal(Sigcont);

    /// <summary>The lines it said that contain a text.</summary>
    public List<string> Lines(string containing)
    {
        lock (_lines)
        {
            return [.. _lines.Where(line => line.Contains(containing, StringComparison.Ordinal))];
        }
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return $"{Life}, exit code {ExitCode}:\n{string.Join('\n', _lines.TakeLast(60))}";
        }
    }

    public void Dispose()
    {
        Signal(Sigkill);
        Exited.Wait(s_patience);
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        ExitCode = _process.ExitCode;
        _ready.TrySetCanceled();
        _process.Dispose();
    }

    // The process may have ended by itself, which is as good.
    private void Signal(int signal)
    {
        if (ExitCode is null)
        {
            _ = kill(_id, signal);
        }
    }

    private void Said(string? line)
    {
        if (line is null)
        {
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
