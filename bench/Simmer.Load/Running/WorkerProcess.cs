using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>A worker in a process of its own, started from this same program. Lines of text tell it when to begin and to end, and it
/// answers with its report.</summary>
internal sealed class WorkerProcess : IWorker
{
    public const string Command = "worker";
    public const string Keep = "--keep";
    public const string Trace = "--trace";
    public const string Doomed = "--doomed";

    private const string Begin = "begin";

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public static async Task<WorkerProcess> StartAsync(Setting setting, string address, bool traced = false, bool doomed = false)
    {
        List<string> arguments = [typeof(WorkerProcess).Assembly.Location, Command, setting.Store.ToString(), address];
        if (setting.Keep)
        {
            arguments.Add(Keep);
        }

        if (traced)
        {
            arguments.Add(Trace);
        }

        if (doomed)
        {
            arguments.Add(Doomed);
        }

        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true,
            UseShellExecute = false };
        var worker = new WorkerProcess(Process.Start(start)!);
        _ = await worker.AnswerAsync();
        return worker;
    }

    /// <summary>The other side.</summary>
    public static async Task<int> ServeAsync(Setting setting, string address, bool traced, bool doomed)
    {
        if (traced)
        {
            SqliteTrace.Install();
        }

        await using var host = await BenchHost.StartAsync(setting, address, works: true);
        host.Counter.IsDoomed = doomed;
        var worker = new LocalWorker(host);
        Console.WriteLine();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == Begin)
            {
                await worker.BeginAsync();
                Console.WriteLine();
            }
            else
            {
                Console.WriteLine(JsonSerializer.Serialize(await worker.EndAsync(long.Parse(line, CultureInfo.InvariantCulture))));
            }
        }

        return 0;
    }

    public async Task BeginAsync()
    {
        await _process.StandardInput.WriteLineAsync(Begin);
        _ = await AnswerAsync();
    }

    public async Task<WorkReport> EndAsync(long jobs)
    {
        await _process.StandardInput.WriteLineAsync(jobs.ToString(CultureInfo.InvariantCulture));
        return JsonSerializer.Deserialize<WorkReport>(await AnswerAsync())!;
    }

    /// <summary>Kills it at once, as a kernel does that runs out of memory.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> AnswerAsync() =>
        await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The worker's process ended; its error is above.");
}
