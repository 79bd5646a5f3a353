using System.Diagnostics;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>The worker of this process.</summary>
internal sealed class LocalWorker(BenchHost host) : IWorker
{
    private Usage _before;

    public Task BeginAsync()
    {
        host.Counter.Starts.Clear();
        GC.Collect();
        _before = Usage.Now();
        return Task.CompletedTask;
    }

    public async Task<WorkReport> EndAsync(long jobs)
    {
        await host.SettledAsync(jobs);
        var usage = Usage.Now() - _before;
        var (p50, p99) = Latencies.Of(host.Counter.Starts);
        return new WorkReport(usage, p50, p99, SqliteTrace.Connections, Descriptors());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static int Descriptors()
    {
        const string Linux = "/proc/self/fd";
        using var self = Process.GetCurrentProcess();
        return Directory.Exists(Linux) ? Directory.GetFileSystemEntries(Linux).Length : self.HandleCount;
    }
}
