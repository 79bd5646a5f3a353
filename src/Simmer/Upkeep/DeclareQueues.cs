using System.Reflection;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Tells the store what this application declares of the queues that this process works on: at the start, after the worker was
/// registered anew (somebody may have emptied the database), and once an hour.</summary>
internal sealed class DeclareQueues : BackgroundLoop
{
    private static readonly TimeSpan s_rest = TimeSpan.FromHours(1);

    private readonly HashSet<(string Queue, QueuePutResult Result)> _told = [];
    private readonly IJobStore _store;
    private readonly QueueRunner _runner;
    private bool _isDeclared;

    public DeclareQueues(EngineContext context, IJobStore store, QueueRunner runner, WorkerLoss loss)
        : base(context, "declare queues")
    {
        (_store, _runner) = (store, runner);
        loss.Lost += Wake;
    }

    /// <summary>Declares before the first job runs. Where that fails the loop says so and tries again, and the process starts all the
    /// same.</summary>
    public async Task TryAtStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DeclareAsync(cancellationToken);
            _isDeclared = true;
        }
        catch (StoreException)
        {
            // The first turn of the loop tries again, and logs the error if it comes again.
        }
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        if (!_isDeclared)
        {
            await DeclareAsync(Stopping);
        }

        _isDeclared = false;
        return s_rest;
    }

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        var queues = _runner.Queues.Select(queue => new QueuePolicy(queue.Name)
        {
            KeepSucceeded = Retention.In(_store.IsDurable, queue.Options.KeepSucceeded),
            KeepFailed = Retention.In(_store.IsDurable, queue.Options.KeepFailed),
        }).ToArray();
        if (queues.Length == 0)
        {
            return;
        }

        var version = Context.Options.ApplicationVersion ?? Assembly.GetEntryAssembly()?.GetName().Version ?? new Version(0, 0);
        var reports = await _store.PutQueuesAsync(queues, version, Context.Now, cancellationToken);
        for (var i = 0; i < queues.Length; i++)
        {
            Tell(queues[i], reports[i]);
        }
    }

    private void Tell(QueuePolicy queue, QueuePutReport report)
    {
        if (report is not { Result: QueuePutResult.Contradicts or QueuePutResult.Older, Stands: { } stands }
            || !_told.Add((queue.Queue, report.Result)))
        {
            return;
        }

        var (policy, version) = (stands.Policy, stands.Version);
        if (report.Result == QueuePutResult.Contradicts)
        {
            Context.Logger.QueueContradicted(queue.Queue, queue.KeepSucceeded, queue.KeepFailed, version, policy.KeepSucceeded,
                policy.KeepFailed);
        }
        else
        {
            Context.Logger.QueueDeclaredByNewer(queue.Queue, version, policy.KeepSucceeded, policy.KeepFailed);
        }
    }
}
