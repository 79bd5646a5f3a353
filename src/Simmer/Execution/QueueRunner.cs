using System.Collections.Frozen;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Decides what one store's queues may dispatch, claim and start here.</summary>
internal sealed class QueueRunner
{
    private readonly StoreLane _lane;
    private readonly FrozenDictionary<string, QueueLine> _lines;
    private readonly Lock _suspectGate = new();
    private readonly HashSet<LeaseToken> _suspects = [];
    private volatile bool _stopped;
    private volatile bool _suspended;

    public QueueRunner(StoreLane lane, IReadOnlyList<QueueLine> lines)
    {
        _lane = lane;
        _lines = lines.ToFrozenDictionary(static l => l.Name);
        Lines = lines;
        foreach (var line in lines)
        {
            line.Runner = this;
        }
    }

    public IReadOnlyList<QueueLine> Lines { get; }

    /// <summary>Neither claims nor dispatches from now on; what runs goes on.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Neither claims nor dispatches while the lease is in doubt.</summary>
    public void Suspend(bool suspended) => _suspended = suspended;

    public QueueLine? Line(string queue) => _lines.GetValueOrDefault(queue);

    public bool IsIdle => !_stopped && Lines.Any(static l => l.IsIdle);

    public void Hint(string queue)
    {
        if (_lines.TryGetValue(queue, out var line))
        {
            line.Hint();
        }
    }

    public void HintAll()
    {
        foreach (var line in Lines)
        {
            line.Hint();
        }
    }

    public void SetIdleElsewhere(IReadOnlyList<string> queues)
    {
        foreach (var line in Lines)
        {
            line.IdleElsewhere = queues.Contains(line.Name);
        }
    }

    /// <summary>Whether a job may be stored as dispatched: a slot is taken for it. The store has the last word.</summary>
    public bool TryReserve(JobDraft job, double roundTrip) =>
        !_stopped && !_suspended
        && job.DueAt is null && job.UniqueKey is null
        && _lines.TryGetValue(job.Queue, out var line)
        && line.Options.LocalDispatch
        && _lane.Engine.Catalog.Runnable.Contains(job.Kind)
        && line.TryReserve(roundTrip);

    /// <summary>One claim for all queues that have room and may have something ready.</summary>
    public void PlanClaims(List<ClaimRequest> requests, List<int> hints, double roundTrip, out bool mayTakeSuspect)
    {
        mayTakeSuspect = false;
        if (_stopped || _suspended)
        {
            return;
        }

        var allCanStart = true;
        foreach (var line in Lines)
        {
            var (count, free, hint) = line.ReserveClaims(roundTrip);
            if (count > 0)
            {
                requests.Add(new ClaimRequest(line.Name, count));
                hints.Add(hint);
                allCanStart &= free > 0;
            }
        }

        // A suspect must start at once: it is never claimed ahead, and one at a time.
        if (requests.Count > 0 && allCanStart)
        {
            lock (_suspectGate)
            {
                mayTakeSuspect = _suspects.Count == 0;
            }
        }
    }

    public void Answered(List<ClaimRequest> requests, List<int> hints, IReadOnlyList<JobClaim> claims)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            var got = 0;
            foreach (var claim in claims)
            {
                got += claim.Job.Queue == requests[i].Queue ? 1 : 0;
            }

            _lines[requests[i].Queue].Answered(requests[i].Count, got, hints[i]);
        }

        DeliverAll(claims);
    }

    /// <summary>A dispatch was decided: the slot taken for it is used or given back.</summary>
    public void Dispatched(JobDraft job, JobClaim? claim)
    {
        var line = _lines[job.Queue];
        line.Unreserve();
        if (claim is not null)
        {
            Deliver(line, claim);
        }
    }

    public void DeliverAll(IReadOnlyList<JobClaim> claims)
    {
        // Suspects first: none may wait behind others.
        foreach (var claim in claims)
        {
            if (claim.Suspect)
            {
                lock (_suspectGate)
                {
                    _suspects.Add(claim.Token);
                }

                Deliver(_lines[claim.Job.Queue], claim);
            }
        }

        foreach (var claim in claims)
        {
            if (!claim.Suspect)
            {
                Deliver(_lines[claim.Job.Queue], claim);
            }
        }
    }

    /// <summary>A run ended: its slot goes to the next.</summary>
    public void Finished(JobRun run)
    {
        if (run.Claim.Suspect)
        {
            lock (_suspectGate)
            {
                _suspects.Remove(run.Claim.Token);
            }
        }

        var elapsed = _lane.Engine.Time.GetElapsedTime(run.StartedTimestamp);
        var line = run.Line;
        if (line.Finished(elapsed.TotalSeconds, out var wantsMore) is { } next)
        {
            Start(line, next);
        }
        else if (line.Other is { } other)
        {
            other.Runner.StartFreed(other);
        }

        if (wantsMore)
        {
            _lane.Commit.Poke();
        }
    }

    /// <summary>Starts what waits ahead in a line whose slots are shared, when the other line freed one.</summary>
    public void StartFreed(QueueLine line)
    {
        if (line.TakeFreedSlot() is { } next)
        {
            Start(line, next);
        }

        _lane.Commit.Poke();
    }

    public List<JobClaim> TakeAllAhead() => TakeAheadSince(long.MaxValue);

    public List<JobClaim> TakeAheadSince(long before)
    {
        var taken = new List<JobClaim>();
        foreach (var line in Lines)
        {
            line.TakeAheadSince(before, taken);
        }

        return taken;
    }

    public bool Holds(LeaseToken token) => _lane.Table.Find(token) is not null || Lines.Any(l => l.HoldsAhead(token));

    private void Deliver(QueueLine line, JobClaim claim)
    {
        if (line.TryStart(claim, _lane.Engine.Time.GetTimestamp()))
        {
            Start(line, claim);
        }
        else
        {
            _lane.Watch.Wake();
        }
    }

    private void Start(QueueLine line, JobClaim claim)
    {
        var engine = _lane.Engine;
        var run = new JobRun(_lane, line, claim, engine.Catalog.Find(claim.Job.Kind), engine.Time.GetTimestamp());
        _lane.Table.Add(run);
        _lane.Watch.Started(run);
        engine.Starter.Start(run);
    }
}
