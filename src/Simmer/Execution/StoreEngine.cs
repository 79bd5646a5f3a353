using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Execution.Flushing;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Upkeep;
using Simmer.Watching;

namespace Simmer.Execution;

/// <summary>Everything that works on one store in this process: a process has one for its memory, and one for its database.</summary>
internal sealed class StoreEngine
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private readonly WorkerInfo _info;
    private readonly Lock _registrationGate = new();
    private Task<WorkerId>? _registration;

    // The same for those who ask at every run, without a lock; 0: none.
    private long _current;

    public StoreEngine(EngineContext context, IJobStore store, WorkerInfo info, IReadOnlyList<LocalQueue> queues)
    {
        (Context, Store) = (context, store);
        Reads = new StoreReads(store, context.Starter);
        Runner = new QueueRunner(this, queues);
        _info = info with { Lease = context.Options.Lease, Slots = Runner.Slots };
        Executor = new JobExecutor(this);
        Flusher = new Flusher(this);
        SetAside = new SetAsideJobs(context);
        Watch = new RunWatch(this);
        Promote = new PromoteDue(this);
        Prune = new PruneFinished(this);
        Declare = new DeclareQueues(this);
        if (store.IsDurable)
        {
            Leases = new LeaseKeeper(this);
            Rescue = new RescueExpired(this);
            Unknown = new TellUnknownKinds(this);
        }

        Clock = new UpkeepClock(this);
    }

    public EngineContext Context { get; }

    public IJobStore Store { get; }

    /// <summary>What clients read.</summary>
    public StoreReads Reads { get; }

    /// <summary>Makes jobs for this process's queues.</summary>
    public DraftFactory Drafts { get; set; } = null!;

    public Flusher Flusher { get; }

    /// <summary>What this process wants of the store is handed over here.</summary>
    public FlushIntake Intake => Flusher.Intake;

    public QueueRunner Runner { get; }

    public JobExecutor Executor { get; }

    public JobTable Table { get; } = new();

    /// <summary>Which jobs ran again because of transactions with a snapshot.</summary>
    public SnapshotConflicts Conflicts { get; } = new();

    /// <summary>What the store leaves alone for a while.</summary>
    public SetAsideJobs SetAside { get; }

    public RunWatch Watch { get; }

    public PromoteDue Promote { get; }

    public PruneFinished Prune { get; }

    /// <summary>Tells the store what is declared of the queues.</summary>
    public DeclareQueues Declare { get; }

    /// <summary>Null in memory, where nobody else could take a job.</summary>
    public LeaseKeeper? Leases { get; }

    public RescueExpired? Rescue { get; }

    public UpkeepClock Clock { get; }

    public TellUnknownKinds? Unknown { get; }

    private IEnumerable<BackgroundLoop> Loops =>
        new BackgroundLoop?[] { Declare, Watch, Promote, Prune, Leases, Rescue, Unknown }.OfType<BackgroundLoop>();

    public void Start()
    {
        foreach (var loop in Loops)
        {
            loop.Start();
        }

        Intake.RequestFlush();
    }

    public Task StopLoopsAsync() => Task.WhenAll(Loops.Select(static l => l.StopAsync()));

    /// <summary>This process's number in the store; registers it if need be.</summary>
    public ValueTask<WorkerId> RegisteredAsync()
    {
        lock (_registrationGate)
        {
            if (_registration is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _registration = RegisterAsync();
            }

            return new ValueTask<WorkerId>(_registration);
        }
    }

    private async Task<WorkerId> RegisterAsync()
    {
        var sent = Context.Time.GetTimestamp();
        var worker = await Store.RegisterAsync(_info, Context.Now, CancellationToken.None);
        Leases?.Registered(sent);
        Volatile.Write(ref _current, worker.Value);
        return worker;
    }

    /// <summary>The number, if it is registered now.</summary>
    public WorkerId? Registered
    {
        get
        {
            lock (_registrationGate)
            {
                return _registration is { IsCompletedSuccessfully: true } done ? done.Result : null;
            }
        }
    }

    /// <summary>Whether a job that was given to a worker may begin to run now: that worker is registered still, and its lease cannot be
    /// over. The claim may have been long on its way here: behind a log sink that stalled, in a process that was frozen, before a thread
    /// was free.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="now">The present time, on the monotonic clock.</param>
    public bool MayBegin(WorkerId worker, long now) =>
        Leases is not { } leases || (Volatile.Read(ref _current) == worker.Value && !leases.MayBeOverAt(now));

    /// <summary>This worker was declared dead: its jobs run elsewhere, or soon will. Its handlers are told to stop, and it registers
    /// anew.</summary>
    /// <param name="gone">The number it had. Beat and flush both learn of it: the second must not end the new registration, and what runs
    /// under it.</param>
    public void WorkerGone(WorkerId gone)
    {
        lock (_registrationGate)
        {
            if (_registration is not { IsCompletedSuccessfully: true } present || present.Result != gone)
            {
                return;
            }

            _registration = null;
            Volatile.Write(ref _current, 0);
            Leases?.Lost();
        }

        var ahead = Runner.TakeAllAhead();
        ahead.ForEach(Runner.Forget);
        ahead.ForEach(Runner.Arrived);
        var running = Table.Count;
        Runner.StopAll(StopReason.LeaseLost);
        Runner.Resume();
        Runner.HintAll();
        Intake.RequestFlush();
        Leases?.Wake();
        Declare.Wake();

        // Last: a sink that stalls must not keep the handlers running.
        Context.Logger.WorkerGone(Store.Name, running, ahead.Count);
    }

    public async Task DeregisterAsync()
    {
        if (Registered is { } worker)
        {
            lock (_registrationGate)
            {
                _registration = null;
                Volatile.Write(ref _current, 0);
            }

            await Store.DeregisterAsync(worker, Context.Now, CancellationToken.None);
        }
    }

    /// <summary>After a lost answer: runs what the store says is ours and memory does not know. What cannot be read goes back: the next
    /// claim sets it aside with the reason.</summary>
    public async Task AdoptAsync()
    {
        var worker = await RegisteredAsync();
        var unknown = (await ClaimsOfAsync(worker)).Where(token => !IsKnown(token));
        if (!unknown.IsEmpty)
        {
            // A job that waited ahead is in no place while it moves on: run again, it would run twice. Look once more when all have
            // arrived.
            while (Runner.IsAnyLeaving)
            {
                await Task.Delay(s_moment, Context.Time);
            }

            unknown = unknown.Where(token => !IsKnown(token));
        }

        if (!unknown.IsEmpty)
        {
            // One that its handler's own transaction completed has left since, and no flush of ours knows of it: what is lost is still
            // there.
            var owned = await ClaimsOfAsync(worker);
            unknown = unknown.Where(owned.Holds);
        }

        if (unknown.Claims.Count > 0)
        {
            Context.Logger.Adopted(Store.Name, unknown.Claims.Count);
            Runner.DeliverAll(unknown.Claims, worker);
        }

        foreach (var token in unknown.Unreadable)
        {
            Intake.GiveBack(token);
        }
    }

    /// <summary>What a worker owns. The answer may be long on its way: nothing, if the worker was declared dead meanwhile.</summary>
    private async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker)
    {
        var owned = await Store.ClaimsOfAsync(worker, CancellationToken.None);
        return Registered == worker ? owned : OwnedJobs.None;
    }

    private bool IsKnown(LeaseToken token) => Runner.Holds(token) || Intake.IsPending(token);

    /// <summary>A run ended. Its settlement is handed over before it leaves the table: at every moment the job is in one of the two.
    /// Its slot is freed and the flusher told before as well, so that an empty table beside an idle flusher means that nothing is left to
    /// start.</summary>
    /// <returns>The run that takes its slot, to be started now.</returns>
    public JobRun? Finish(JobRun run, OutcomeKind outcome, Settlement settlement)
    {
        if (run.Source is { } source)
        {
            var following = source.Ended(run);
            Table.Remove(run);
            return following;
        }

        TellLost(run, settlement);
        if (outcome == OutcomeKind.Committed)
        {
            Committed(settlement);
        }
        else if (outcome is OutcomeKind.Interrupted or OutcomeKind.LeaseLost or OutcomeKind.UnknownKind)
        {
            Intake.GiveBack(run.Claim.Token);
        }
        else
        {
            Intake.Settle(settlement);
        }

        var next = Runner.Finished(run);
        if (next is null)
        {
            Table.Remove(run);
            return null;
        }

        Table.Replace(run, next);
        next.LocalQueue.Arrived();
        Runner.Joined(next);
        return next;
    }

    /// <summary>Of an end that is not kept, those who wait here are told all the same.</summary>
    private void TellLost(JobRun run, Settlement settlement)
    {
        if (settlement.State == JobState.Succeeded || settlement.Step is not null)
        {
            return;
        }

        var isFinal = settlement.State.IsFinal();
        if (isFinal
            ? settlement.KeepFor > TimeSpan.Zero
            : run.StopReason != StopReason.Cancelled || settlement.KeepCancelledFor > TimeSpan.Zero)
        {
            return;
        }

        var (claim, job) = (run.Claim, run.Claim.Job);
        Context.Watcher.Ended.Add(new JobRecord
        {
            Id = job.Id,
            Kind = job.Kind,
            Queue = job.Queue,
            State = isFinal ? settlement.State : JobState.Cancelled,
            Priority = job.Priority,
            Run = claim.Run,
            Attempt = claim.Attempt,
            MaxAttempts = job.MaxAttempts,
            EnqueuedAt = claim.EnqueuedAt,
            StartedAt = run.StartedAt,
            FinishedAt = Context.Now,
            Progress = settlement.Progress?.Fraction,
            ProgressText = settlement.Progress?.Text,
            Reason = settlement.ReasonFor(null),
            Tags = job.Tags,
            Errors = settlement.Error is { } error ? [error] : [],
            TraceParent = job.TraceParent,
        });
    }

    /// <summary>A transaction of its handler's has settled a run; the store cannot tell what followed from it.</summary>
    private void Committed(Settlement settlement)
    {
        Context.Watcher.Ended.Succeeded(settlement);
        Context.Watcher.Notify(settlement.Token.Id);
        if (settlement.Step is not null)
        {
            Runner.HintAll();
            Intake.RequestFlush();
        }
    }

    /// <summary>Gives back what was taken from the lists of those that wait ahead.</summary>
    public void GiveBack(IReadOnlyList<JobClaim> claims)
    {
        foreach (var claim in claims)
        {
            Runner.Forget(claim);
            Intake.GiveBack(claim.Token);
            Runner.Arrived(claim);
        }
    }

    /// <summary>A cancel was asked for a run of this worker.</summary>
    public void Cancel(LeaseToken token)
    {
        if (!TryCancel(token))
        {
            _ = CancelOnceDeliveredAsync(token);
        }
    }

    private bool TryCancel(LeaseToken token)
    {
        if (Runner.TakeAhead(token) is { } waiting)
        {
            // Given back, the store ends it as asked.
            GiveBack([waiting]);
            return true;
        }

        var run = Table.Find(token);
        run?.Stop(StopReason.Cancelled);
        return run is not null;
    }

    // The store gave the job out, and the answer that brings it has not been read yet. Or it has just ended, which is as good.
    private async Task CancelOnceDeliveredAsync(LeaseToken token)
    {
        await Intake.WhenAnswered();
        TryCancel(token);
    }

    /// <summary>Steps ended, and others followed.</summary>
    public void Released(ReleaseReport report)
    {
        foreach (var queue in report.Queues)
        {
            Runner.Hint(queue);
        }

        DueAt(report.NextDue);
        foreach (var step in report.Steps)
        {
            Context.Watcher.Notify(step);
        }

        foreach (var workflow in report.Workflows)
        {
            Context.Watcher.Notify(workflow);
        }
    }

    /// <summary>A job was scheduled.</summary>
    public void DueAt(DateTimeOffset? due)
    {
        if (due is { } at)
        {
            Promote.DueAt(at);
        }
    }

    public TimeSpan Retention(TimeSpan configured) => Enqueue.Retention.In(Store.IsDurable, configured);
}
