using System.Data.Common;
using System.Runtime.CompilerServices;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Watching;

namespace Simmer.Enqueue;

/// <summary>The application's side of the engine.</summary>
internal sealed partial class JobClient(SimmerNode node, DbTransaction? transaction = null) : IJobClient
{
    private readonly EngineContext _context = node.Context;

    public async Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var report = await EnqueueOneAsync(job, options, cancellationToken);
        return HandleOf(report);
    }

    public async Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        var adapter = _context.Catalog.Of(job).Result!;
        var report = await EnqueueOneAsync(job, options, cancellationToken);
        return HandleOf<TResult>(report, adapter);
    }

    public Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (options is { Id: not null } or { UniqueKey: not null })
        {
            throw new ArgumentException("An id or a unique key belongs to one job; give each job its own options.", nameof(options));
        }

        return EnqueueManyAsync(jobs.Select(job => (job, options)), cancellationToken);
    }

    public async Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<(IJob Job, EnqueueOptions? Options)> jobs,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(jobs);
        using var activity = Telemetry.StartSend("many");

        // All are made before the first is stored: a job that cannot be stored is found while nothing is half done.
        var drafts = new List<JobDraft>(jobs.TryGetNonEnumeratedCount(out var count) ? count : 0);
        foreach (var (job, options) in jobs)
        {
            drafts.Add(node.Drafts.Make(job, options, _context.Catalog.Of(job)));
        }

        Telemetry.Sent(activity, drafts.Count);
        RefuseRepeatedIds(drafts);
        RefuseAmbient();
        if (drafts.Count > 0 && drafts.TrueForAll(d => d.Route!.Engine == drafts[0].Route!.Engine))
        {
            return Handles(await StoreAsync(drafts[0].Route!.Engine, drafts, cancellationToken), drafts);
        }

        var reports = new EnqueueReport[drafts.Count];
        var shares = Enumerable.Range(0, drafts.Count).ToLookup(i => drafts[i].Route!.Engine);
        foreach (var share in shares)
        {
            RefuseTooLarge(share.Key, [.. share.Select(i => drafts[i])]);
        }

        foreach (var share in shares)
        {
            var indexes = share.ToList();
            var answers = await StoreAsync(share.Key, [.. indexes.Select(i => drafts[i])], cancellationToken);
            for (var i = 0; i < indexes.Count; i++)
            {
                reports[indexes[i]] = answers[i];
            }
        }

        return Handles(reports, drafts);
    }

    /// <summary>What was stored in a caller's transaction, whose commit cannot be seen: it counts as sent from here on, and its handles do
    /// not say that it is ready.</summary>
    private IReadOnlyList<EnqueueReport> NotCommittedYet(IReadOnlyList<JobDraft> drafts, IReadOnlyList<EnqueueReport> reports)
    {
        if (transaction is null)
        {
            return reports;
        }

        _context.Metrics.Sent(drafts, reports, 0);
        return [.. reports.Select(static r => r.Status is EnqueueStatus.Stored or EnqueueStatus.Dispatched
            ? r with { State = JobState.Unknown }
            : r)];
    }

    private HandleList Handles(IReadOnlyList<EnqueueReport> reports, List<JobDraft> drafts)
    {
        EnqueueReport[]? marked = null;
        for (var i = 0; i < reports.Count; i++)
        {
            if (Accepted(reports[i], drafts[i]) is { IsByKey: true } byKey)
            {
                (marked ??= [.. reports])[i] = byKey;
            }
        }

        return new HandleList(this, NotCommittedYet(drafts, marked ?? reports));
    }

    public async Task<JobRecord?> GetAsync(JobId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        return (await FindAsync(id, cancellationToken)).Job;
    }

    private async Task<(JobRecord? Job, StoreReads Where)> FindAsync(JobId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            if (await engine.Reads.JobAsync(id, cancellationToken) is { } found)
            {
                return (found, engine.Reads);
            }
        }

        return (null, node.Memory.Reads);
    }

    public IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion = -1, CancellationToken cancellationToken = default) =>
        WatchAsync(id, afterVersion, null, cancellationToken);

    private async IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion, StalledWait? wait,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CallerContext.Leave();

        // Watch first, then look: a change between the two is not missed.
        using var watch = _context.Watcher.Begin(id);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        JobRecord? last = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (job, where) = await FindAsync(id, cancellationToken);
            wait?.Saw(job);
            job ??= await EndOfAsync(id, last, afterVersion, cancellationToken);

            // The end is told in any case: a process of another version may not have counted all that was seen before.
            var ends = last is { } before && !before.State.IsFinal() && job?.State.IsFinal() == true;
            last = job;
            if (job is not null && (job.Version != afterVersion || ends))
            {
                afterVersion = job.Version;
                yield return job;
                CallerContext.Leave();
            }

            if (job is null or { State: JobState.Unknown } || job.State.IsFinal())
            {
                yield break;
            }

            watch.Saw(where, job.Version);
            while (!await watch.Pulse.WaitAsync(wait?.NextLook ?? Timeout.InfiniteTimeSpan))
            {
                if (wait is not null)
                {
                    await wait.PollAsync(where, cancellationToken);
                }
            }
        }
    }

    public async Task<JobRecord?> WaitAsync(JobId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        using var wait = new StalledWait(node);
        await foreach (var job in WatchAsync(id, -1, wait, cancellationToken))
        {
            if (job.State == JobState.Unknown || job.State.IsFinal())
            {
                return job;
            }
        }

        return null;
    }

    /// <summary>The last snapshot of a job that the store does not know: how it ended, if it ran here and is not kept; that it ended
    /// somehow, if it was there a moment ago; else nothing.</summary>
    private async ValueTask<JobRecord?> EndOfAsync(JobId id, JobRecord? last, long afterVersion, CancellationToken cancellationToken)
    {
        foreach (var engine in node.Engines)
        {
            // It may have been settled by a flush whose answer is still on its way.
            await engine.Intake.WhenAnswered(cancellationToken);
        }

        return _context.Watcher.Ended.Find(id) is { } end
            ? (last is null || end.Kind.Length > 0 ? end : last with { State = end.State }) with { Version = afterVersion + 1 }
            : last is null ? null
            : last with { State = JobState.Unknown, Reason = StoreRules.NotKeptReason, Version = afterVersion + 1 };
    }

    public async Task<CancelResult> CancelAsync(JobId id, string? reason = null, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();

        // As the stores keep it: here it may be kept too.
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        foreach (var engine in node.Engines)
        {
            var answer = (await engine.Store.CancelAsync([id], reason, engine.KeepCancelled, _context.Now, cancellationToken))[0];
            if (answer.Error is { } refused)
            {
                throw refused;
            }

            if (answer.Result == CancelResult.NotFound)
            {
                continue;
            }

            if (answer.Result == CancelResult.Requested && reason is not null)
            {
                _context.Watcher.Ended.NoteCancelReason(id, reason);
            }

            if (answer.Result == CancelResult.Cancelled && engine.KeepCancelled <= TimeSpan.Zero)
            {
                _context.Watcher.Ended
                    .Add(new JobRecord { Id = id, Kind = "", Queue = "", State = JobState.Cancelled, FinishedAt = _context.Now,
                    Reason = reason });
            }

            if (answer.Result == CancelResult.Requested && answer.Owner == engine.Registered)
            {
                // It runs here: no need to wait for the beat.
                engine.Cancel(new LeaseToken(id, answer.Run));
            }

            StepsMayFollow(engine, id);

            _context.Watcher.Notify(id);
            return answer.Result;
        }

        return CancelResult.NotFound;
    }

    public async Task<RetryResult> RetryAsync(JobId id, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        foreach (var engine in node.Engines)
        {
            var answer = (await engine.Store.RetryAsync([id], _context.Now, cancellationToken))[0];
            if (answer.Status == RetryStatus.NotFound)
            {
                continue;
            }

            return Retried(engine, answer, id);
        }

        return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
    }

    public IJobClient Within(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var why = node.Durable?.Store is ITransactionalStore store
            ? store.WhyNot(transaction)
            : NoDatabase;
        return why is null
            ? new JobClient(node, transaction)
            : throw new InvalidOperationException($"The transaction cannot be used: {why}.");
    }

    private async ValueTask<EnqueueReport> EnqueueOneAsync(IJob job, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var kind = _context.Catalog.Of(job);
        using var activity = Telemetry.StartSend(options?.Queue ?? kind.Queue);
        var draft = node.Drafts.Make(job, options, kind);
        var engine = draft.Route!.Engine;
        if (transaction is not null)
        {
            var within = Accepted((await StoreAsync(engine, [draft], cancellationToken))[0], draft);
            return NotCommittedYet([draft], [within])[0];
        }

        AmbientTransaction.Refuse();
        Enter(draft.Route, 1);
        var call = new SingleEnqueue(draft);
        engine.Intake.Enqueue(call);
        return Accepted(cancellationToken.CanBeCanceled ? await Waited(call, call.Task, cancellationToken) : await call.Answer, draft);
    }

    private async ValueTask<IReadOnlyList<EnqueueReport>> StoreAsync(StoreEngine engine, IReadOnlyList<JobDraft> drafts,
        CancellationToken cancellationToken)
    {
        RefuseTooLarge(engine, drafts);
        if (transaction is not null)
        {
            return engine.Store is ITransactionalStore store
                ? await store.EnqueueWithinAsync(transaction, drafts, _context.Now, cancellationToken)
                : throw InMemory(drafts[0].Queue);
        }

        EnterAll(drafts);
        var call = new ManyEnqueue(drafts);
        engine.Intake.Enqueue(call);
        return await Waited(call, call.Task, cancellationToken);
    }

    private static void RefuseTooLarge(StoreEngine engine, IReadOnlyList<JobDraft> drafts)
    {
        if (engine.Store.IsDurable)
        {
            BatchLimits.Check(drafts, "Give them in several calls.");
        }
    }

    private void RefuseAmbient()
    {
        // Bound to a transaction that is named, the enqueue is part of that one, whatever surrounds it.
        if (transaction is null)
        {
            AmbientTransaction.Refuse();
        }
    }

    // A place for all or for none: what was taken before a queue is full goes back.
    private static void EnterAll(IReadOnlyList<JobDraft> drafts)
    {
        List<(JobRoute Route, int Count)>? entered = null;
        foreach (var run in JobRoute.Of(drafts))
        {
            try
            {
                Enter(run.Route, run.Count);
                (entered ??= []).Add(run);
            }
            catch (QueueFullException)
            {
                entered?.ForEach(static e => e.Route.Leave(e.Count));
                throw;
            }
        }
    }

    private static void RefuseRepeatedIds(List<JobDraft> drafts)
    {
        HashSet<JobId>? given = null;
        foreach (var draft in drafts)
        {
            if (draft.IdGiven && !(given ??= []).Add(draft.Id))
            {
                throw new ArgumentException($"The id {draft.Id} is given to two jobs of one call; each job has its own.", "jobs");
            }
        }
    }

    private static void Enter(JobRoute route, int count)
    {
        if (!route.TryEnter(count))
        {
            throw new QueueFullException(route.Queue, route.LocalQueue!.Options.Capacity);
        }
    }

    private static async ValueTask<T> Waited<T>(EnqueueCall call, Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == cancellationToken)
        {
            throw new OperationCanceledException(
                $"The caller stopped waiting before it was known whether {call.What} was stored: it may have been, and may run. "
                + $"{call.HowToRepeat}", e, cancellationToken);
        }
    }

    private JobHandle HandleOf(EnqueueReport report) => new(this, report);

    private JobHandle<TResult> HandleOf<TResult>(EnqueueReport report, ResultAdapter adapter) =>
        new(this, report, job => (TResult)adapter.ParseAny(job)!);

    private static InvalidOperationException InMemory(string queue) =>
        new($"Queue '{queue}' is in memory and cannot be part of a transaction. Use a durable queue.");

    private EnqueueReport Accepted(EnqueueReport report, JobDraft draft)
    {
        if (report.Status == EnqueueStatus.Refused)
        {
            throw report.Error ?? new StoreException("The store refused the job without saying why.");
        }

        if (report.HasOtherPayload && draft.Route!.Kind.IsFirstOtherPayload())
        {
            _context.Logger.OtherPayload(draft.Kind, draft.Id);
        }

        if (report.State == JobState.Unknown)
        {
            throw new StoreException(
                $"What became of job {draft.Id} of kind '{draft.Kind}' cannot be told: it was stored by a transaction whose answer got "
                    + "lost, and now it is not there. It has run in a queue that keeps nothing, or somebody has deleted it.",
                isTransient: true, outcomeUnknown: true);
        }

        return report.Status == EnqueueStatus.Duplicate && report.Id != draft.Id ? report with { IsByKey = true } : report;
    }

    /// <summary>The handles of one call, each made when it is asked for: of a thousand jobs mostly nobody looks at one.</summary>
    private sealed class HandleList(JobClient client, IReadOnlyList<EnqueueReport> reports) : IReadOnlyList<JobHandle>
    {
        public int Count => reports.Count;

        public JobHandle this[int index] => client.HandleOf(reports[index]);

        public IEnumerator<JobHandle> GetEnumerator() => reports.Select(client.HandleOf).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
