using Simmer.SimulationTests.Running;
using Simmer.Storage;

namespace Simmer.SimulationTests.Faults;

/// <summary>The shared store as one process sees it: every call takes its time, may fail before the commit, and may lose its answer after
/// it. What a process had sent before it died may still be carried out.</summary>
internal sealed class FaultyStore(SharedStore shared, SimulatedProcess process) : IJobStore, IJobBrowser, IWakeups
{
    public string Name => "simulated";

    public bool IsDurable => true;

    public IJobBrowser Browser => this;

    public IWakeups Wakeups => this;

    public ValueTask InitializeAsync(CancellationToken cancellationToken) =>
        Call("initialize", () => shared.Model.InitializeAsync(cancellationToken), cancellationToken);

    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call("register", () => shared.Model.RegisterAsync(worker, shared.Now, cancellationToken), static id => $"worker {id.Value}",
            cancellationToken);

    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call(
            $"deregister {worker.Value}",
            () =>
            {
                shared.Model.DeregisterAsync(worker, now, cancellationToken).GetAwaiter().GetResult();
                shared.Ledger.Flows.Left();
                return ValueTask.CompletedTask;
            },
            cancellationToken);

    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call($"beat {request.Worker.Value}", () => Sorted(shared.Model.BeatAsync(request, shared.Now, cancellationToken).Result),
            static r => r.Alive ? "alive" : "GONE", cancellationToken);

    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call($"look {worker.Value}", () => Sorted(shared.Model.PollAsync(worker, shared.Now, cancellationToken).Result),
            static r => r.Alive ? "alive" : "GONE", cancellationToken);

    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Call($"hold {name}", () => shared.Model.TryTakeUpkeepLeaseAsync(name, worker, duration, shared.Now, cancellationToken),
            static has => has ? "taken" : "not taken", cancellationToken);

    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken) => Call(
        $"flush {flush.Worker.Value}.{flush.Sequence}{(flush.IsRepeat ? " again" : null)}",
        () =>
        {
            var report = shared.Model.FlushAsync(Written.Of(flush), now, cancellationToken).Result;
            shared.Ledger.Committed(process, flush, report);
            shared.Hint(process, OnlyReady(flush));
            return new ValueTask<FlushReport>(report);
        },
        report => FlushText.Of(flush, report),
        cancellationToken);

    public ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken) =>
        Call($"owned {worker.Value}", () => shared.Model.ClaimsOfAsync(worker, cancellationToken),
            static owned => string.Join(' ', owned.Claims.Select(static c => FlushText.Of(c.Token))), cancellationToken);

    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call("promote", () => shared.Model.PromoteDueAsync(limit, now, cancellationToken), static r => $"{r.Count} ready",
            cancellationToken);

    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken) => Call(
        $"rescue {string.Join(' ', request.Workers.Select(static w => w.Worker.Value))}",
        () =>
        {
            var before = shared.Ledger.BeforeRescue();
            var slots = shared.Workers().Select(static w => w.Info.Slots).FirstOrDefault() ?? 1;
            var report = shared.Model.RescueAsync(request, shared.Now, cancellationToken).Result;
            shared.Ledger.Rescued(before, slots, report);
            return new ValueTask<RescueReport>(report);
        },
        static r =>
            $"dead {string.Join(' ', r.Dead.Select(static w => w.Value))}; rescued {string.Join(' ', r.Rescued.Select(FlushText.Of))}; "
                + $"cancelled {string.Join(' ', r.Cancelled.Select(FlushText.Of))}",
        cancellationToken);

    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call("prune", () => Seen(shared.Model.PruneAsync(limit, now, cancellationToken), shared.Ledger.Flows.Pruned),
            static r => $"{r.Deleted} deleted, {r.Expired.Count} expired", cancellationToken);

    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Call($"cancel {FlushText.Of(ids[0])}",
            () => Seen(shared.Model.CancelAsync(ids, reason, now, cancellationToken), _ => shared.Ledger.Flows.Cancelled(ids)),
            static r => $"{r[0].Result}", cancellationToken);

    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) => Call(
        $"retry {FlushText.Of(ids[0])}",
        () =>
        {
            var answers = shared.Model.RetryAsync(ids, now, cancellationToken).Result;
            shared.Ledger.Retried(ids[0], answers[0]);
            return new ValueTask<IReadOnlyList<RetryResult>>(answers);
        },
        static r => $"{r[0].Status}",
        cancellationToken);

    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) => Call(
        $"delete {FlushText.Of(ids[0])}",
        () =>
        {
            var deleted = shared.Model.DeleteAsync(ids, now, cancellationToken).Result;
            shared.Ledger.Deleted(ids[0], deleted);
            return new ValueTask<int>(deleted);
        },
        static deleted => $"{deleted}",
        cancellationToken);

    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Call($"cancel workflow {FlushText.Of(id)}",
            () => Seen(shared.Model.CancelWorkflowAsync(id, reason, now, cancellationToken), _ => shared.Ledger.Flows.Cancelled(id)),
            static r => $"{r.Result}", cancellationToken);

    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Call($"retry workflow {FlushText.Of(request.Workflow)}",
            () => Seen(shared.Model.RetryWorkflowAsync(request, now, cancellationToken),
            r => shared.Ledger.Flows.Retried(request.Workflow, request.Force, r)), static r => $"{r.Status}", cancellationToken);

    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call($"delete workflow {FlushText.Of(id)}",
            () => Seen(shared.Model.DeleteWorkflowAsync(id, now, cancellationToken), r => shared.Ledger.Flows.Deleted(id, r)), static r =>
            $"{r}", cancellationToken);

    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Call("declare queues", () => shared.Model.PutQueuesAsync(queues, version, now, cancellationToken),
            static reports => string.Join(' ', reports.Select(static r => r.Result)), cancellationToken);

    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call($"pause {queue}", () => shared.Model.PauseQueueAsync(queue, reason, by, now, cancellationToken), cancellationToken);

    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken) =>
        Call($"resume {queue}", () => shared.Model.ResumeQueueAsync(queue, now, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        Call("get", () => shared.Model.Browser.GetAsync(ids, cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        Call("versions", () => shared.Model.Browser.VersionsAsync(ids, cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken) =>
        Call("list", () => shared.Model.Browser.ListAsync(query, cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken) =>
        Call("find", () => shared.Model.Browser.FindAsync(query, cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) =>
        Call("count", () => shared.Model.Browser.CountAsync(cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) =>
        Call("queues", () => shared.Model.Browser.QueuesAsync(cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken) =>
        Call("workflow versions", () => shared.Model.Browser.WorkflowVersionsAsync(ids, counted, cancellationToken),
            static _ => string.Empty, cancellationToken);

    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        Call("workflow", () => shared.Model.Browser.WorkflowAsync(id, counted, cancellationToken), static _ => string.Empty,
            cancellationToken);

    public ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken) =>
        Call("steps", () => shared.Model.Browser.StepsAsync(id, numbers, cancellationToken), static _ => string.Empty, cancellationToken);

    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        Call("workers", () => shared.Model.Browser.WorkersAsync(shared.Now, cancellationToken),
            static w => string.Join(' ', w.Select(static w => w.Id.Value)), cancellationToken);

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint)
    {
        shared.Listen(process, onHint);
        return new Listening(shared, process);
    }

    /// <summary>The store outlives its users.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // As on PostgreSQL, the hint for a flush that only brings jobs names their queues; the hint for any other says only that something has
    // changed.
    private static string[] OnlyReady(Flush flush) =>
        flush.Settlements.Count + flush.GiveBacks.Count + flush.Workflows.Count > 0
            ? []
            : [.. flush.Enqueues.Select(static e => e.Job.Queue).Distinct(StringComparer.Ordinal)];

    private static ValueTask<T> Seen<T>(ValueTask<T> carried, Action<T> look)
    {
        look(carried.Result);
        return new ValueTask<T>(carried.Result);
    }

    // The model lists its queues as a hash table has them, which differs from one test process to the next.
    private static ValueTask<BeatReport> Sorted(BeatReport report) => new(new BeatReport
    {
        Alive = report.Alive,
        Cancels = report.Cancels,
        ReadyQueues = [.. report.ReadyQueues.Order(StringComparer.Ordinal)],
        IdleElsewhere = report.IdleElsewhere,
        Others = report.Others,
        NextDue = report.NextDue,
    });

    private async ValueTask Call(string verb, Func<ValueTask> carry, CancellationToken cancellationToken) =>
        await Call(verb, async () => { await carry(); return true; }, static _ => string.Empty, cancellationToken);

    private async ValueTask<T> Call<T>(string verb, Func<ValueTask<T>> carry, Func<T, string> tell, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>();
        if (!process.IsDead)
        {
            var fate = shared.Faults.Next();
            shared.World.After(fate.Before, () => Arrive(answer, fate, verb, carry, tell, cancellationToken));
        }

        return await answer.Task;
    }

    private void Arrive<T>(TaskCompletionSource<T> answer, Fate fate, string verb, Func<ValueTask<T>> carry, Func<T, string> tell,
        CancellationToken cancellationToken)
    {
        if (process.IsDead && shared.World.Chance(0.5))
        {
            return;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            _ = answer.TrySetCanceled(cancellationToken);
            return;
        }

        var value = default(T);
        if (fate.Ending is Ending.Answered or Ending.AnswerLost)
        {
            value = carry().Result;
            Tell(verb, fate, tell(value));
        }
        else
        {
            Tell(verb, fate, "not done");
        }

        shared.World.After(fate.After, () => Answer(answer, fate, verb, value!));
    }

    private void Tell(string verb, Fate fate, string what) =>
        shared.World.Trace.Add($"{process.Name} {verb}: {what}{(fate.Ending == Ending.Answered ? null : $" [{fate.Ending}]")}");

    private void Answer<T>(TaskCompletionSource<T> answer, Fate fate, string verb, T value)
    {
        if (fate.Ending == Ending.Answered)
        {
            _ = answer.TrySetResult(value);
        }
        else
        {
            _ = answer
                .TrySetException(new StoreException($"'{verb}': {fate.Ending}.", isTransient: true,
                outcomeUnknown: fate.Ending != Ending.Refused));
        }
    }

    private sealed class Listening(SharedStore shared, SimulatedProcess process) : IDisposable
    {
        public void Dispose() => shared.StopListening(process);
    }
}
