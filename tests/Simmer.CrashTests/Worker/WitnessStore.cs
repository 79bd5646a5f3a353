using System.Data.Common;
using Simmer.Storage;

namespace Simmer.CrashTests.Worker;

/// <summary>Stands between the engine and the real store. It notes which runs were given and which settlements were refused, and ends the
/// process at the chosen point; the commits of handlers go past it.</summary>
internal sealed class WitnessStore(IJobStore store, KillSwitch kill, Claims claims, Effects effects) : IJobStore, ITransactionalStore
{
    private readonly ITransactionalStore _within = (ITransactionalStore)store;

    public string Name => store.Name;

    public bool IsDurable => store.IsDurable;

    public IJobBrowser Browser => store.Browser;

    public IWakeups Wakeups => store.Wakeups;

    public async ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var asked = Asked(flush).ToList();
        asked.ForEach(kill.Before);
        var report = await store.FlushAsync(flush, now, cancellationToken);
        Note(flush, report);
        Answered(asked, report).ForEach(kill.After);
        return report;
    }

    public ValueTask InitializeAsync(CancellationToken cancellationToken) =>
        Around("initialize", () => store.InitializeAsync(cancellationToken));

    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("register", () => store.RegisterAsync(worker, now, cancellationToken));

    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("deregister", () => store.DeregisterAsync(worker, now, cancellationToken));

    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("beat", () => store.BeatAsync(request, now, cancellationToken));

    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.PollAsync(worker, now, cancellationToken);

    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Around("hold", () => store.TryTakeUpkeepLeaseAsync(name, worker, duration, now, cancellationToken));

    public async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        // Jobs that a lost answer had given to this worker are adopted by this call.
        var owned = await store.ClaimsOfAsync(worker, cancellationToken);
        Note(owned.Claims);
        return owned;
    }

    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("promote", () => store.PromoteDueAsync(limit, now, cancellationToken));

    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("rescue", () => store.RescueAsync(request, now, cancellationToken));

    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("prune", () => store.PruneAsync(limit, now, cancellationToken));

    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Around("cancel", () => store.CancelAsync(ids, reason, now, cancellationToken));

    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        store.RetryAsync(ids, now, cancellationToken);

    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.DeleteAsync(ids, now, cancellationToken);

    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Around("cancel", () => store.CancelWorkflowAsync(id, reason, now, cancellationToken));

    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        store.RetryWorkflowAsync(request, now, cancellationToken);

    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Around("delete", () => store.DeleteWorkflowAsync(id, now, cancellationToken));

    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        store.PutQueuesAsync(queues, version, now, cancellationToken);

    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.PauseQueueAsync(queue, reason, by, now, cancellationToken);

    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.ResumeQueueAsync(queue, now, cancellationToken);

    public string? WhyNot(DbTransaction transaction) => _within.WhyNot(transaction);

    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.EnqueueWithinAsync(transaction, jobs, now, cancellationToken);

    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _within.EnqueueWorkflowWithinAsync(transaction, workflow, now, cancellationToken);

    public ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _within.SettleWithinAsync(transaction, worker, settlement, now, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static IEnumerable<string> Asked(Flush flush)
    {
        if (flush.Settlements.Any(static s => s.State >= JobState.Succeeded))
        {
            yield return "settle";
        }

        if (flush.Settlements.Any(LeadsOn))
        {
            yield return "release";
        }

        if (flush.Settlements.Any(static s => s.Added is { Count: > 0 }))
        {
            yield return "add";
        }

        if (flush.Settlements.Any(static s => s.State < JobState.Succeeded))
        {
            yield return "retry";
        }

        if (flush.GiveBacks.Count > 0)
        {
            yield return "give-back";
        }

        if (flush.Progress.Count > 0)
        {
            yield return "progress";
        }

        if (flush.Enqueues.Count > 0)
        {
            yield return "enqueue";
        }

        if (flush.Workflows.Count > 0)
        {
            yield return "workflow";
        }

        if (flush.Enqueues.Any(static e => e.Dispatch))
        {
            yield return "dispatch";
        }

        if (flush.Claims.Count > 0)
        {
            yield return "claim";
        }
    }

    private static bool LeadsOn(Settlement settlement) =>
        settlement is { State: >= JobState.Succeeded, Step: { } step } && step.Next.Any(static l => l.To.Any(static n => n != 0));

    // Only what was given counts as claimed or dispatched, and only what was decided as released: an empty answer leaves nothing behind.
    private static List<string> Answered(List<string> asked, FlushReport report) => [.. asked.Where(verb => verb switch
    {
        "claim" => report.Claims.Count > 0,
        "release" => report.Released.Steps.Count > 0,
        "dispatch" => report.Enqueues.Any(static e => e.Status == EnqueueStatus.Dispatched),
        _ => true,
    })];

    private void Note(Flush flush, FlushReport report)
    {
        Note(report.Claims);
        foreach (var answer in report.Enqueues.Where(static e => e.Status == EnqueueStatus.Dispatched))
        {
            claims.Given(answer.Id, 1);
        }

        for (var i = 0; i < report.Settlements.Count; i++)
        {
            if (!report.Settlements[i].Settled && !report.Blocked.Settlements.Contains(i))
            {
                effects.Refused(flush.Settlements[i].Token);
            }
        }
    }

    private void Note(IReadOnlyList<JobClaim> given)
    {
        foreach (var claim in given)
        {
            claims.Given(claim.Job.Id, claim.Run);
        }
    }

    // Without a kill point the store's task is passed on as it is: awaiting it here would need a thread of the pool, which handlers may
    // block.
    private ValueTask<T> Around<T>(string verb, Func<ValueTask<T>> ask) => !kill.IsSet ? ask() : AroundAsync(verb, ask);

    private ValueTask Around(string verb, Func<ValueTask> ask) => !kill.IsSet ? ask() : AroundAsync(verb, ask);

    private async ValueTask<T> AroundAsync<T>(string verb, Func<ValueTask<T>> ask)
    {
        kill.Before(verb);
        var answer = await ask();
        kill.After(verb);
        return answer;
    }

    private async ValueTask AroundAsync(string verb, Func<ValueTask> ask)
    {
        kill.Before(verb);
        await ask();
        kill.After(verb);
    }
}
