using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>The ground of the tests of jobs that their handlers complete in transactions of their own.</summary>
public abstract class CompleteWithinTest : SqliteFolder
{
    private protected const int LeaseLost = 1014;
    private protected const int IgnoredAfterCommit = 1031;

    private OwnTable? _own;

    private protected OwnTable Own => _own ??= new OwnTable(ConnectionString);

    /// <summary>A host whose jobs greet as the test wants, again at once if they fail.</summary>
    private protected Task<EngineHost> StartAsync(Func<Greet, JobContext, Task> handler, Action<SimmerBuilder>? more = null) => StartAsync(s =>
    {
        s.AddJob((Greet job, JobContext context, CancellationToken _) => handler(job, context), static o => (o.MaxAttempts, o.Retry) = (3, RetryPolicy.Immediate));
        more?.Invoke(s);
    });

    private protected static async Task<JobRecord> RunAsync(EngineHost host, IJob? job = null)
    {
        var handle = await host.Jobs.EnqueueAsync(job ?? new Greet("Ada"), cancellationToken: Cancelled);
        return (await host.Jobs.WaitAsync(handle.Id, Cancelled))!;
    }

    /// <summary>Declares a worker dead, whose handlers do not know it yet.</summary>
    private protected static async Task DeclareDeadAsync(EngineHost host)
    {
        var store = host.Node.Durable!.Store;
        var worker = (await store.Browser.WorkersAsync(host.Node.Engine.Now, Cancelled)).Single(w => w.Id == host.Node.Durable.Registered);
        await store.RescueAsync(new Storage.RescueRequest([(worker.Id, worker.Beats)], TimeSpan.Zero, SweepOrphans: false, TimeSpan.FromDays(1)), host.Node.Engine.Now, Cancelled);
    }
}
