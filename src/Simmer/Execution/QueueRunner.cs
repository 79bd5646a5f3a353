using System.Collections.Frozen;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Decides what one store's queues may dispatch, claim and start here.</summary>
internal sealed class QueueRunner
{
    private static readonly TimeSpan s_suspectPatience = TimeSpan.FromSeconds(1);

    private readonly AheadClaims _ahead;
    private readonly FrozenDictionary<string, LocalQueue> _queues;

    // An array: every flush walks it, and an interface's enumerator is an object.
    private readonly LocalQueue[] _ordered;
    private readonly SuspectSet _suspects;

    // True until the first beat has told which workers there are.
    private volatile bool _olderPresent = true;
    private volatile bool _stopped;
    private volatile bool _suspended;
    private volatile StopReason _startsEnd;

    public QueueRunner(RunParts parts, LocalQueue[] queues, SuspectSet suspects, AheadClaims ahead)
    {
        (Parts, _suspects, _ahead) = (parts, suspects, ahead);
        _queues = queues.ToFrozenDictionary(static l => l.Name);
        Queues = _ordered = queues;
        Slots = SlotsOf(queues);
        foreach (var local in queues)
        {
            local.StartedBy(this);
        }
    }

    /// <summary>What its runs use.</summary>
    public RunParts Parts { get; }

    /// <summary>How many jobs may run at once in these queues.</summary>
    public static int SlotsOf(LocalQueue[] queues) =>
        (int)Math.Clamp(queues.Where(static l => l.Offered).Sum(static l => (long)l.Options.Concurrency), 1, int.MaxValue);

    /// <summary>How many jobs may run at once, in all queues.</summary>
    public int Slots { get; }

    public IReadOnlyList<LocalQueue> Queues { get; }

    /// <summary>Starts nothing from now on; what runs goes on. What still arrives is given back.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Starts nothing while the lease is in doubt.</summary>
    public void Suspend() => _suspended = true;

    /// <summary>Tells everything that runs to stop, also what is about to start at this very moment.</summary>
    public void StopAll(StopReason reason)
    {
        _startsEnd = reason;
        foreach (var run in Parts.Table.Snapshot())
        {
            run.Stop(reason);
        }
    }

    /// <summary>Runs may start again.</summary>
    public void Resume()
    {
        _startsEnd = StopReason.None;
        _suspended = false;
    }

    private bool MayStart => !_stopped && !_suspended;

    public LocalQueue? Queue(string queue) => _queues.GetValueOrDefault(queue);

    // Known to the jobs that were made here; looked up for those that were read, or made by another node of this process.
    private LocalRoute? RouteOf(JobDraft job) => job.Route is LocalRoute route && route.Runner == this ? route : null;

    private LocalQueue? LocalQueueOf(JobDraft job) => RouteOf(job) is { } route ? route.LocalQueue : _queues.GetValueOrDefault(job.Queue);

    private JobKind? KindOf(JobDraft job) => RouteOf(job)?.Kind ?? Parts.Context.Catalog.Find(job.Kind);

    public void Hint(string queue)
    {
        if (_queues.TryGetValue(queue, out var local))
        {
            local.Hint();
        }
    }

    public void HintAll()
    {
        foreach (var local in _ordered)
        {
            local.Hint();
        }
    }

    /// <summary>There may be work in every queue: all are hinted, and the flusher looks.</summary>
    public void MayHaveWork()
    {
        HintAll();
        Parts.Intake.RequestFlush();
    }

    /// <summary>Claims at once jobs that other processes have put into these queues, without polling first, which would be one more round
    /// trip. If several workers are idle for the same queue, they poll first, because a claim that finds nothing is a write.</summary>
    /// <returns>False if the store has to be polled first, also if the hint does not say which queues.</returns>
    public bool TryClaimAtOnce(IReadOnlyCollection<string> ready)
    {
        var isWanted = false;
        foreach (var queue in ready)
        {
            if (_queues.TryGetValue(queue, out var local) && local.Offered)
            {
                if (local.IdleElsewhere && local.IsIdle)
                {
                    return false;
                }

                local.Hint();
                isWanted = true;
            }
        }

        if (isWanted)
        {
            Parts.Intake.RequestFlush();
        }

        return ready.Count > 0;
    }

    public void SetIdleElsewhere(IReadOnlyList<string> queues)
    {
        foreach (var local in _ordered)
        {
            local.IdleElsewhere = queues.Contains(local.Name);
        }
    }

    /// <summary>Takes a slot for a job that is to be stored as dispatched. The store decides whether it is.</summary>
    public bool TryReserve(JobDraft job, double roundTrip) =>
        MayStart
        && job.DueAt is null && job.Delay is null && job.UniqueKey is null
        && LocalQueueOf(job) is { } local
        && local.Options.LocalDispatch
        && KindOf(job)?.Handler is not null
        && local.TryReserve(roundTrip);

    /// <summary>Notes whether there is a worker of an older version, which does not state its lease and counts every death of a suspect as
    /// an attempt. Until it is gone, this worker runs one suspect at a time as well.</summary>
    public void SetOlderPresent(bool present) => _olderPresent = present;

    /// <summary>One claim for all queues that have room and may have something ready.</summary>
    public void PlanClaims(List<ClaimRequest> requests, List<int> hints, double roundTrip, out SuspectRoom suspects)
    {
        suspects = default;
        if (!MayStart || !Parts.Registration.MayClaim)
        {
            return;
        }

        var now = Parts.Context.Time.GetTimestamp();
        foreach (var local in _ordered)
        {
            // A suspect must start at once, so it is never claimed ahead. If jobs are claimed ahead all the time, no slot is ever free at a
            // claim; so now and then a queue claims only what can start.
            var owed = Parts.Store.IsDurable && Parts.Context.Time.GetElapsedTime(local.SuspectChanceAt, now) > s_suspectPatience;
            var (count, free, hint) = local.ReserveClaims(roundTrip, mayClaimAhead: !owed);
            if (count > 0)
            {
                requests.Add(new ClaimRequest(local.Name, count, free));
                hints.Add(hint);
                local.SuspectChanceAt = free > 0 ? now : local.SuspectChanceAt;
            }
        }

        if (requests.Count > 0)
        {
            suspects = _suspects.Room(_olderPresent ? 1 : Slots);
        }
    }

    /// <summary>A claim was answered: to this worker, as it was registered when it asked.</summary>
    public void Answered(List<ClaimRequest> requests, List<int> hints, IReadOnlyList<JobClaim> claims, WorkerId worker)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            var got = 0;
            foreach (var claim in claims)
            {
                got += claim.Job.Queue == requests[i].Queue ? 1 : 0;
            }

            _queues[requests[i].Queue].Answered(requests[i].Count, got, hints[i]);
        }

        DeliverAll(claims, worker);
    }

    /// <summary>Called when the store has decided on a dispatch: the slot that was taken for it is used or given back.</summary>
    public void Dispatched(JobDraft job, JobClaim? claim)
    {
        var local = LocalQueueOf(job)!;
        local.Unreserve(1);
        if (claim is not null)
        {
            Deliver(local, claim);
        }
    }

    public void DeliverAll(IReadOnlyList<JobClaim> claims, WorkerId worker)
    {
        // Suspects come first, because none may wait behind other jobs.
        for (var i = 0; i < claims.Count; i++)
        {
            var claim = claims[i];
            claim.Worker = worker;
            if (claim.Suspect)
            {
                _suspects.Add(claim.Token, claim.Suspicion);
                Deliver(LocalQueueOf(claim.Job)!, claim);
            }
        }

        for (var i = 0; i < claims.Count; i++)
        {
            if (!claims[i].Suspect)
            {
                Deliver(LocalQueueOf(claims[i].Job)!, claims[i]);
            }
        }
    }

    /// <summary>A run ended: its slot goes to the next.</summary>
    /// <returns>The next run, to be started now; it has not joined the table yet.</returns>
    public JobRun? Finished(JobRun run)
    {
        if (run.Claim.Suspect)
        {
            _ahead.Forget(run.Claim);

            // Other suspects may have waited for the end of this one. While they could not be claimed, their queues looked empty.
            MayHaveWork();
        }

        var elapsed = Parts.Context.Time.GetElapsedTime(run.StartedTimestamp, run.EndedTimestamp);
        var local = run.LocalQueue;
        JobRun? next = null;
        if (local.Finished(elapsed.TotalSeconds, MayStart, out var wantsMore) is { } claim)
        {
            next = Prepare(local, claim, run.EndedTimestamp);
        }
        else if (local.Other is { Runner: { } runner } other)
        {
            runner.StartFreed(other);
        }

        if (wantsMore)
        {
            Parts.Intake.RequestFlush();
        }

        return next;
    }

    /// <summary>Starts what waits ahead in a local queue whose slots are shared, when the other one freed one.</summary>
    public void StartFreed(LocalQueue local)
    {
        if (local.TakeFreedSlot(MayStart, out var wantsMore) is { } next)
        {
            Start(local, next, Parts.Context.Time.GetTimestamp());
            local.Arrived();
        }

        if (wantsMore)
        {
            Parts.Intake.RequestFlush();
        }
    }

    private void Deliver(LocalQueue local, JobClaim claim)
    {
        var now = Parts.Context.Time.GetTimestamp();
        if (!MayStart || !Parts.Registration.MayBegin(claim.Worker, now))
        {
            // The job was on its way when the shutdown began, or when the lease came into doubt or was lost.
            _ahead.Forget(claim);
            Parts.Intake.GiveBack(claim.Token);
        }
        else if (local.TryStart(claim, now))
        {
            Start(local, claim, now);
        }
        else
        {
            Parts.Watch.Wake();
        }
    }

    private void Start(LocalQueue local, JobClaim claim, long now)
    {
        var run = Prepare(local, claim, now);
        Parts.Table.Add(run);
        Joined(run);
        (local.Threads ?? Parts.Context.Starter).Start(run);
    }

    private JobRun Prepare(LocalQueue local, JobClaim claim, long now) => new(this, local, claim, KindOf(claim.Job), now);

    /// <summary>A run is in the table now.</summary>
    public void Joined(JobRun run)
    {
        Parts.Watch.Started(run);
        if (_startsEnd is var reason and not StopReason.None)
        {
            // The code that stops all runs may have read the table just before this run joined it.
            run.Stop(reason);
        }
    }
}
