using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>One queue of one store in this process: its slots, the jobs that were claimed ahead, and the claims that are under
/// way.</summary>
internal sealed class LocalQueue
{
    /// <summary>A job claimed ahead goes back if it has not started by then.</summary>
    public static readonly TimeSpan AheadTimeToLive = TimeSpan.FromSeconds(2);

    private readonly QueueSlots _slots;
    private readonly Queue<(JobClaim Claim, long At)> _ahead = new();
    private int _reserved;
    private int _entering;
    private int _hints;
    private int _leaving;
    private int _waits;
    private bool _mayHaveReady = true;
    private double _meanRun = double.NaN;

    public LocalQueue(QueueSlots slots)
    {
        _slots = slots;
        slots.Join(this);
    }

    /// <summary>The stored name.</summary>
    public string Name => _slots.Name;

    public QueueOptions Options => _slots.Options;

    /// <summary>The threads on which its runs start; null: they start as all other work does.</summary>
    public WorkStarter? Threads => _slots.Threads;

    /// <summary>The runner that starts its jobs; null: none does yet.</summary>
    public QueueRunner? Runner { get; private set; }

    /// <summary>From now on a runner starts its jobs.</summary>
    public void StartedBy(QueueRunner runner) => Runner = runner;

    /// <summary>Whether this process offers what the queue requires. If not, its jobs wait, also in memory.</summary>
    public bool Offered { get; init; } = true;

    /// <summary>Whether another worker has reported that it is idle for this queue. Then nothing is claimed ahead.</summary>
    public bool IdleElsewhere { get; set; }

    /// <summary>When this queue last claimed in a way that could have brought a suspect. Used by the planner only.</summary>
    public long SuspectChanceAt { get; set; }

    public bool IsIdle
    {
        get
        {
            lock (_slots.Gate)
            {
                return _slots.Running + _reserved + _ahead.Count < Options.Concurrency;
            }
        }
    }

    /// <summary>In memory: takes places for jobs on their way into the store.</summary>
    /// <param name="count">How many.</param>
    /// <param name="waiting">How many jobs of the queue wait in the store.</param>
    public bool TryEnter(int count, int waiting)
    {
        lock (_slots.Gate)
        {
            if (_entering + waiting + _ahead.Count + count > Options.Capacity)
            {
                return false;
            }

            _entering += count;
            return true;
        }
    }

    /// <summary>In memory: jobs that had entered are in the store now, or refused.</summary>
    public void Leave(int count)
    {
        lock (_slots.Gate)
        {
            _entering -= count;
        }
    }

    /// <summary>How many runs have ended.</summary>
    public long Ended { get; private set; }

    /// <summary>Whether all slots are taken.</summary>
    public bool IsFull
    {
        get
        {
            lock (_slots.Gate)
            {
                return _slots.Running >= Options.Concurrency;
            }
        }
    }

    /// <summary>Whether all slots are taken, and as many callers in this process wait for ready jobs of this queue.</summary>
    public bool IsHeldByWaits
    {
        get
        {
            lock (_slots.Gate)
            {
                return _slots.Running >= Options.Concurrency && Volatile.Read(ref _waits) >= Options.Concurrency;
            }
        }
    }

    /// <summary>Notes that a caller waits for a ready job of this queue.</summary>
    public void WaitBegan() => Interlocked.Increment(ref _waits);

    public void WaitEnded() => Interlocked.Decrement(ref _waits);

    /// <summary>There may be ready jobs in the store.</summary>
    public void Hint()
    {
        lock (_slots.Gate)
        {
            _mayHaveReady = true;
            _hints++;
        }
    }

    /// <summary>Takes room for one job that is about to be stored as dispatched.</summary>
    public bool TryReserve(double roundTrip)
    {
        lock (_slots.Gate)
        {
            if (!Offered || Room(Window(roundTrip)) <= 0)
            {
                return false;
            }

            _reserved++;
            return true;
        }
    }

    /// <summary>Takes room for all that may be claimed now.</summary>
    /// <returns>How much, how much of it could start at once, and what <see cref="Answered"/> needs.</returns>
    public (int Count, int Free, int Hints) ReserveClaims(double roundTrip, bool mayClaimAhead = true)
    {
        lock (_slots.Gate)
        {
            var window = mayClaimAhead ? Window(roundTrip) : 0;
            var room = _mayHaveReady && Offered ? Room(window) : 0;
            // At least half a prefetch window is claimed, unless nothing is left to run: claiming one job at a time would cost a round trip
            // each.
            if (room <= 0 || (_ahead.Count > 0 && room < window / 2 && _slots.Running >= Options.Concurrency))
            {
                return default;
            }

            var free = Math.Max(0, Options.Concurrency - _slots.Running - _reserved - _ahead.Count);
            _reserved += room;
            return (room, free, _hints);
        }
    }

    /// <summary>A claim was answered.</summary>
    public void Answered(int asked, int got, int hints)
    {
        lock (_slots.Gate)
        {
            _reserved -= asked;
            if (got < asked && hints == _hints)
            {
                _mayHaveReady = false;
            }
        }
    }

    /// <summary>Room that was taken is not used.</summary>
    public void Unreserve(int count)
    {
        lock (_slots.Gate)
        {
            _reserved -= count;
        }
    }

    /// <summary>Takes a job that has arrived. Returns whether it may start now; if not, it waits ahead.</summary>
    public bool TryStart(JobClaim claim, long now)
    {
        lock (_slots.Gate)
        {
            if (_slots.Running < Options.Concurrency)
            {
                _slots.Running++;
                return true;
            }

            _ahead.Enqueue((claim, now));
            return false;
        }
    }

    /// <summary>Frees the slot of a run that has ended. The next job that waits ahead, if there is one, takes the slot. The code that gets
    /// it calls <see cref="Arrived"/>.</summary>
    /// <param name="seconds">How long it ran.</param>
    /// <param name="mayStart">Whether anything may start now.</param>
    /// <param name="wantsMore">Whether the store may have more for the freed slot.</param>
    public JobClaim? Finished(double seconds, bool mayStart, out bool wantsMore)
    {
        lock (_slots.Gate)
        {
            _meanRun = double.IsNaN(_meanRun) ? seconds : _meanRun + ((seconds - _meanRun) * 0.1);
            wantsMore = _mayHaveReady;
            Ended++;
            if (mayStart && _ahead.TryDequeue(out var next))
            {
                _ = Interlocked.Increment(ref _leaving);
                return next.Claim;
            }

            _slots.Running--;
            return null;
        }
    }

    /// <summary>A slot of the other local queue became free.</summary>
    public JobClaim? TakeFreedSlot(bool mayStart, out bool wantsMore)
    {
        lock (_slots.Gate)
        {
            wantsMore = _mayHaveReady;
            if (!mayStart || _slots.Running >= Options.Concurrency || !_ahead.TryDequeue(out var next))
            {
                return null;
            }

            _slots.Running++;
            _ = Interlocked.Increment(ref _leaving);
            return next.Claim;
        }
    }

    /// <summary>Whether a job has left the list of those that wait ahead and has not arrived where it goes. For that moment it is in
    /// neither place.</summary>
    public bool IsAnyLeaving => Volatile.Read(ref _leaving) > 0;

    /// <summary>A job that left the list is in the table of runs now, or on its way back to the store.</summary>
    public void Arrived() => Interlocked.Decrement(ref _leaving);

    public LocalQueue? Other => _slots.Other(this);

    /// <summary>Takes the jobs that have waited ahead since before a time. They leave the list before their give-back is sent.</summary>
    public void TakeAheadSince(long before, List<JobClaim> into)
    {
        lock (_slots.Gate)
        {
            while (_ahead.TryPeek(out var oldest) && oldest.At <= before)
            {
                into.Add(_ahead.Dequeue().Claim);
                _ = Interlocked.Increment(ref _leaving);
            }
        }
    }

    /// <summary>Called when jobs have waited ahead too long, because runs are not as short as measured. Otherwise the same jobs would be
    /// claimed ahead again at once.</summary>
    public void ExpectLongRuns()
    {
        lock (_slots.Gate)
        {
            _meanRun = Math.Max(_meanRun, AheadTimeToLive.TotalSeconds);
        }
    }

    public JobClaim? TakeAhead(LeaseToken token)
    {
        lock (_slots.Gate)
        {
            JobClaim? taken = null;
            for (var left = _ahead.Count; left > 0; left--)
            {
                var next = _ahead.Dequeue();
                if (next.Claim.Token == token)
                {
                    taken = next.Claim;
                    _ = Interlocked.Increment(ref _leaving);
                }
                else
                {
                    _ahead.Enqueue(next);
                }
            }

            return taken;
        }
    }

    public long? OldestAhead()
    {
        lock (_slots.Gate)
        {
            return _ahead.TryPeek(out var oldest) ? oldest.At : null;
        }
    }

    public bool HoldsAhead(LeaseToken token)
    {
        lock (_slots.Gate)
        {
            foreach (var (claim, _) in _ahead)
            {
                if (claim.Token == token)
                {
                    return true;
                }
            }

            return false;
        }
    }

    // The number of jobs to claim ahead: enough to hide the round trip, if runs are shorter than a few round trips and no other worker is
    // idle.
    private int Window(double roundTrip)
    {
        if (Options.MaxPrefetch == 0 || IdleElsewhere || !(_meanRun < 3 * roundTrip))
        {
            return 0;
        }

        var perSlot = Math.Ceiling(2 * roundTrip / Math.Max(_meanRun, 1e-7));
        return (int)Math.Min(Options.MaxPrefetch, perSlot * Options.Concurrency);
    }

    private int Room(int window) => Options.Concurrency + window - _slots.Running - _reserved - _ahead.Count;
}
