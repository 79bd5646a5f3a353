using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>Gathers what this process wants of one store: while a flush is in flight the next one forms here, so that an idle system pays
/// no delay and a busy one commits hundreds of operations at once. No timer decides a batch. What is handed over here wakes the
/// <see cref="IFlushSender"/>, if that rests.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="isDurable">Whether the store is a database. Memory has answered before the call returns.</param>
internal sealed class FlushIntake(TimeProvider time, bool isDurable)
{
    private readonly Lock _gate = new();
    private readonly WaitingOperations _waiting = new(isDurable);
    private readonly RefusedEnds _refused = new();

    /// <summary>The ends of runs and the give-backs that another transaction blocks, and that are sent beside the main flushes.</summary>
    private readonly HashSet<LeaseToken> _apart = [];

    // One flush is in flight at a time, so one batch is enough.
    private readonly FlushBatch _batch = new();

    // Null until the loop is there; what comes before that waits.
    private IFlushSender? _sender;
    private bool _flushRequested;
    private bool _active;
    private long _activations;
    private bool _watched;
    private bool _closed;
    private volatile bool _abandoned;
    private TaskCompletionSource? _idle;
    private List<AnswerWait>? _answered;

    /// <summary>Whether the store is about to be disposed of, so that what could not be written is not tried again.</summary>
    public bool IsAbandoned => _abandoned;

    /// <summary>Has everything sent from now on.</summary>
    public void SendThrough(IFlushSender sender)
    {
        bool start, watch;
        lock (_gate)
        {
            _sender = sender;
            start = (_flushRequested || _waiting.Count > 0) && Activate();
            watch = _waiting.Calls.Count > 0 && WantsWatch();
        }

        Start(start, watch);
    }

    public void Enqueue(EnqueueCall call)
    {
        call.Timestamp = time.GetTimestamp();
        bool start, closed, watch;
        lock (_gate)
        {
            closed = _closed;
            if (!closed)
            {
                _waiting.Calls.Add(call);
            }

            start = !closed && Activate();
            watch = !closed && WantsWatch();
        }

        if (watch)
        {
            _sender!.WatchCalls();
        }

        if (closed)
        {
            call.Fail(new ObjectDisposedException("Simmer", "Simmer has stopped; nothing can be enqueued any more."));
        }

        if (start)
        {
            // Sent from this thread: memory answers at once, and a database has a thread or a socket of its own. The way through the thread
            // pool would cost more, and every caller would wait for it.
            _sender!.RunHere();
        }
    }

    public void Settle(Settlement settlement)
    {
        bool start;
        lock (_gate)
        {
            _waiting.Add(settlement);
            start = Activate();
        }

        Start(start);
    }

    public void GiveBack(LeaseToken token)
    {
        bool start;
        lock (_gate)
        {
            _waiting.AddGiveBack(token);
            start = Activate();
        }

        Start(start);
    }

    public void Note(ProgressNote note)
    {
        bool start;
        lock (_gate)
        {
            if (_waiting.HasSettlement(note.Token))
            {
                // The run has ended meanwhile, and its settlement carries the last progress.
                return;
            }

            _waiting.Add(note);
            start = Activate();
        }

        Start(start);
    }

    /// <summary>Drops the progress that was noted under this lease and has not been sent.</summary>
    public void Forget(LeaseToken token)
    {
        lock (_gate)
        {
            _waiting.DropNote(token);
        }
    }

    /// <summary>Tells that there may be jobs to claim. A flush is sent at once, or after the one in flight.</summary>
    public void RequestFlush()
    {
        bool start;
        lock (_gate)
        {
            _flushRequested = true;
            start = Activate();
        }

        Start(start);
    }

    /// <summary>Whether the end of the run under this lease is still on its way to the store.</summary>
    public bool IsPending(LeaseToken token)
    {
        lock (_gate)
        {
            return _waiting.HasEnd(token) || _apart.Contains(token) || _refused.Has(token);
        }
    }

    /// <summary>Ends when everything handed over so far has been answered.</summary>
    public async Task WhenIdle()
    {
        Task idle;
        lock (_gate)
        {
            idle = _active ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }

        // Awaited here and not by the caller, because a WaitAsync on that task would continue on the thread pool, whatever scheduler the
        // engine runs on.
        await idle;
    }

    /// <summary>How often there has been something to do, if there is nothing to do now; null: there is. The same number twice means that
    /// nothing came in between.</summary>
    public long? Rests
    {
        get
        {
            lock (_gate)
            {
                return _active ? null : _activations;
            }
        }
    }

    /// <summary>Ends when the answer of the flush that is in flight now, if any, has been dealt with.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WhenAnswered(CancellationToken cancellationToken = default)
    {
        AnswerWait wait;
        lock (_gate)
        {
            if (!_active)
            {
                return;
            }

            (_answered ??= []).Add(wait = new AnswerWait());
        }

        try
        {
            await wait.UntilTold(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _ = _answered?.Remove(wait);
            }
        }
    }

    /// <summary>Refuses enqueues from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>The store is about to be disposed: what could not be written is not tried again. The rescue finds it.</summary>
    public void Abandon()
    {
        Close();
        _abandoned = true;
    }

    /// <summary>For the sender: fills the batch of the next flush. The batch before it has been answered.</summary>
    public FlushBatch NextBatch()
    {
        lock (_gate)
        {
            _batch.Clear();
            AnswerWait.Tell(ref _answered);
            _flushRequested = false;
            _waiting.MoveInto(_batch);
        }

        return _batch;
    }

    /// <summary>For the sender, whose batch turned out empty: it rests, unless something came meanwhile.</summary>
    public bool TryRest()
    {
        lock (_gate)
        {
            if (HasMoreLocked)
            {
                return false;
            }

            // A caller may have begun to wait after the last answer was passed on, and no flush is in flight any more.
            AnswerWait.Tell(ref _answered);
            _active = false;
            _idle?.TrySetResult();
            _idle = null;
            return true;
        }
    }

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasMore
    {
        get
        {
            lock (_gate)
            {
                return HasMoreLocked;
            }
        }
    }

    /// <summary>For the sender, whose flush was refused: its settlements and give-backs wait again, before all others.</summary>
    /// <returns>How many settlements and give-backs wait now.</returns>
    public int PutBackEnds(FlushBatch batch)
    {
        lock (_gate)
        {
            _waiting.PutBackEnds(batch);
            return _waiting.Ends;
        }
    }

    /// <summary>For the sender, whose flush was too large: its operations wait again, before all others, and go in smaller
    /// batches.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="calls">Which of its calls are sent again.</param>
    public void PutBackToSplit(FlushBatch batch, List<EnqueueCall> calls)
    {
        lock (_gate)
        {
            _waiting.Limits.Halve(batch.Operations, batch.Bytes);

            // The calls are not in flight any more: one whose time is over now is not stored.
            _waiting.PutBack(batch, calls);
            batch.Calls.Clear();
        }
    }

    /// <summary>For the sender, after a flush was split: one has arrived, and the next may be larger again.</summary>
    /// <returns>Whether the limits are what they were before.</returns>
    public bool Widen()
    {
        lock (_gate)
        {
            _waiting.Limits.Double();
            return _waiting.Limits.AreFull;
        }
    }

    /// <summary>For the sender: the calls of the batch are not in flight any more, and known not to be stored.</summary>
    public void ForgetCalls(FlushBatch batch)
    {
        lock (_gate)
        {
            batch.Calls.Clear();
        }
    }

    /// <summary>These ends and give-backs are sent apart from now on.</summary>
    public void NoteApart(List<Settlement> settlements, List<LeaseToken> giveBacks)
    {
        lock (_gate)
        {
            _apart.UnionWith(settlements.Select(static s => s.Token));
            _apart.UnionWith(giveBacks);
        }
    }

    /// <summary>What was sent apart has been answered, but for what is still blocked.</summary>
    public void NoteAnsweredApart(FlushBatch batch, BlockedOperations blocked)
    {
        lock (_gate)
        {
            _apart.ExceptWith(batch.Settlements.Where((_, i) => !blocked.Settlements.Contains(i)).Select(static s => s.Token));
            _apart.ExceptWith(batch.GiveBacks.Where((_, i) => !blocked.GiveBacks.Contains(i)));
        }
    }

    /// <summary>Takes what is sent apart.</summary>
    public void TakeBlocked(List<EnqueueCall> calls, List<Settlement> settlements, List<LeaseToken> giveBacks)
    {
        bool start, watch;
        lock (_gate)
        {
            _waiting.AddRange(calls, settlements, giveBacks);
            start = Activate();
            watch = calls.Count > 0 && WantsWatch();
        }

        Start(start, watch);
    }

    /// <summary>Keeps what the store refused of a batch, and forgets what it has taken at last.</summary>
    /// <returns>What was kept; null: nothing.</returns>
    public List<RefusedEnd>? UpdateRefused(FlushBatch batch, FlushReport report)
    {
        lock (_gate)
        {
            return _refused.Update(batch, report);
        }
    }

    /// <summary>Keeps an end that does not reach the store even alone.</summary>
    public RefusedEnd KeepRefused(Settlement settlement, StoreException error)
    {
        lock (_gate)
        {
            var end = _refused.Keep(settlement, new Refusal(settlement.Token, error));
            _ = _apart.Remove(settlement.Token);
            return end;
        }
    }

    /// <summary>A refused end is sent once more, if that is still wanted.</summary>
    public void SendAgain(RefusedEnd end)
    {
        bool start;
        lock (_gate)
        {
            start = !_abandoned && TakeAgain(end) && Activate();
        }

        Start(start);
    }

    /// <summary>All refused ends are sent once more, without waiting for their time: there is no later one.</summary>
    public void SendRefusedAgain()
    {
        var start = false;
        lock (_gate)
        {
            foreach (var end in _refused.All)
            {
                start |= TakeAgain(end);
            }

            start = start && Activate();
        }

        Start(start);
    }

    /// <summary>How many ends of jobs the store refuses at present, with one of them; null: none.</summary>
    public (int Count, Refusal One)? RefusedEnds
    {
        get
        {
            lock (_gate)
            {
                return _refused.All.Count == 0 ? null : (_refused.All.Count, _refused.All.First().Refusal);
            }
        }
    }

    /// <summary>When the oldest call was made whose caller waits for an answer. Null: nobody waits, and from now on the next call wants to
    /// be watched.</summary>
    public long? OldestCall()
    {
        lock (_gate)
        {
            var oldest = _waiting.Calls.Oldest(_batch.Calls);
            _watched = oldest is not null;
            return oldest;
        }
    }

    /// <summary>Finds the calls for which it is time. Those in flight stay there; those that wait to be sent are taken out.</summary>
    public (List<EnqueueCall> Sent, List<EnqueueCall> Unsent) TakeOverdue(Predicate<EnqueueCall> isTime)
    {
        lock (_gate)
        {
            return (_batch.Calls.FindAll(call => !call.IsTold && isTime(call)), _waiting.Calls.TakeAll(isTime));
        }
    }

    private bool HasMoreLocked => _flushRequested || _waiting.Count > 0;

    /// <summary>Whether the watch over the time limit of callers has to be started.</summary>
    private bool WantsWatch()
    {
        if (_watched || !isDurable || _sender is null)
        {
            return false;
        }

        return _watched = true;
    }

    private bool TakeAgain(RefusedEnd end)
    {
        if (!_refused.Rests(end))
        {
            return false;
        }

        end.Rests = false;
        if (end.Settlement is { } settlement)
        {
            _waiting.Add(settlement);
        }
        else
        {
            _waiting.AddGiveBack(end.Token);
        }

        return true;
    }

    private bool Activate()
    {
        if (_active || _sender is null)
        {
            return false;
        }

        _activations++;
        return _active = true;
    }

    private void Start(bool start, bool watch = false)
    {
        if (watch)
        {
            _sender!.WatchCalls();
        }

        if (start)
        {
            // Sent through the thread pool, because no caller waits for it, and what comes meanwhile shares the flush. Sent from this
            // thread, the next job of a lone caller would wait for the settlement of the one before (1.6 commits for a job in place of 1.0,
            // and half the rate).
            _sender!.StartNext();
        }
    }
}
