using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Storefront.Tests.App;

/// <summary>A program of the sample in a process of its own, and what it says.</summary>
public sealed class SampleProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Regex _ready;
    private readonly TaskCompletionSource<string> _isReady = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SampleProcess(ProcessStartInfo start, Regex ready)
    {
        _ready = ready;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _isReady.TrySetException(new InvalidOperationException("It ended before it was ready."));
    }

    /// <summary>Its output so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a program of the sample and waits until it says that it is ready.</summary>
    /// <param name="program">Its name: <c>Storefront</c> or <c>Worker</c>.</param>
    /// <param name="ready">What it says then.</param>
    /// <param name="settings">Its settings: <c>Name=value</c>.</param>
    /// <returns>The process, and what the expression's first group has caught.</returns>
    public static async Task<(SampleProcess Process, string Said)> StartAsync(string program, Regex ready,
        params IEnumerable<string> settings)
    {
        var process = new SampleProcess(StartInfo(program, settings), ready);
        try
        {
            process._process.Start();
            process._process.BeginOutputReadLine();
            process._process.BeginErrorReadLine();
            return (process, await process._isReady.Task.WaitAsync(s_patience));
        }
        catch (Exception exception)
        {
            process.Dispose();
            throw new InvalidOperationException($"{program} did not start:\n{process.Output}", exception);
        }
    }

    /// <summary>Sends SIGKILL: the process ends without a shutdown.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> settings) =>
        new("dotnet", [Metadata($"{program}.Assembly"), .. settings.Select(setting => "--" + setting)])
    {
        // The content root: settings and the page come from the sources.
        WorkingDirectory = Metadata($"{program}.Directory"),
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        },
    };

    private static string Metadata(string key) =>
        typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (_ready.Match(line) is { Success: true } match)
        {
            _isReady.TrySetResult(match.Groups[1].Value);
        }
    }
}
