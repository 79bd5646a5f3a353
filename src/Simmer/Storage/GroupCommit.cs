using System.Runtime.InteropServices;
using Simmer.Execution;

namespace Simmer.Storage;

/// <summary>Gathers what this process wants of one store: while a flush is in flight the next one forms, so that an idle system pays no
/// delay and a busy one commits hundreds of operations at once. No timer decides a batch. One flush is in flight at a time, and it is
/// repeated under its own number until it is answered.</summary>
internal sealed partial class GroupCommit(StoreEngine engine, GroupCommit? main = null) : IThreadPoolWorkItem
{
    /// <summary>Whose blocked operations this one sends; null: this one is for everybody.</summary>
    private readonly GroupCommit? _main = main;

    private readonly Lock _gate = new();
    private List<ProgressNote> _notes = [];
    private readonly WaitingCalls _enqueues = new();
    private List<Settlement> _settlements = [];
    private List<LeaseToken> _giveBacks = [];

    // One flush is in flight at a time, and its lists are done with when it is answered: the next one fills them again.
    private readonly Batch _batch = new();
    private bool _poked;
    private bool _active;
    private long _activations;

    /// <summary>How many calls are passed over for a batch that they do not fit into.</summary>
    private const int MostPassedOver = 100;

    // The call that has waited longest did not fit beside the settlements of the last batch. They let one batch pass: in a busy process
    // there are always some.
    private bool _largeWaits;
    private bool _closed;
    private volatile bool _abandoned;
    private TaskCompletionSource? _idle;
    private List<TaskCompletionSource>? _answered;

    /// <summary>The round trip of a flush as it was lately, in seconds.</summary>
    public double RoundTrip { get; private set; } = 0.001;

    public void Enqueue(EnqueueCall call)
    {
        call.Timestamp = engine.Context.Time.GetTimestamp();
        bool start, closed, watch;
        lock (_gate)
        {
            closed = _closed;
            if (!closed)
            {
                _enqueues.Add(call);
            }

            start = !closed && Activate();
            watch = !closed && WantsWatch();
        }

        if (watch)
        {
            engine.Context.Starter.Start(() => _ = WatchAsync());
        }

        if (closed)
        {
            call.Fail(new ObjectDisposedException("Simmer", "Simmer has stopped; nothing can be enqueued any more."));
        }

        if (start)
        {
            // Memory answers at once, a database has a thread or a socket of its own: a trip through the thread pool would cost more, and
            // make every caller wait.
            RunHere();
        }
    }

    public void Settle(Settlement settlement)
    {
        bool start;
        lock (_gate)
        {
            // One operation a job in a batch: the settlement carries the last progress.
            DropNote(settlement.Token);
            _settlements.Add(settlement);
            start = Activate();
        }

        StartIf(start);
    }

    public void GiveBack(LeaseToken token)
    {
        bool start;
        lock (_gate)
        {
            DropNote(token);
            _giveBacks.Add(token);
            start = Activate();
        }

        StartIf(start);
    }

    public void Note(ProgressNote note)
    {
        bool start;
        lock (_gate)
        {
            if (_settlements.Exists(s => s.Token == note.Token))
            {
                // It ended meanwhile; its settlement carries the last progress.
                return;
            }

            var stuck = note.Stuck || _notes.Exists(n => n.Token == note.Token && n.Stuck);
            _notes.RemoveAll(n => n.Token == note.Token);
            _notes.Add(note with { Stuck = stuck });
            start = Activate();
        }

        StartIf(start);
    }

    /// <summary>What was noted under this lease and has not been sent yet is not sent any more.</summary>
    public void Forget(LeaseToken token)
    {
        lock (_gate)
        {
            DropNote(token);
        }
    }

    /// <summary>Whether what ended under this lease is still on its way to the store.</summary>
    public bool IsPending(LeaseToken token)
    {
        lock (_gate)
        {
            return _settlements.Exists(s => s.Token == token) || _giveBacks.Contains(token) || _waitingApart.Contains(token) || _refusedEnds
                .ContainsKey(token);
        }
    }

    /// <summary>Claims may be wanted.</summary>
    public void RequestFlush()
    {
        bool start;
        lock (_gate)
        {
            _poked = true;
            start = Activate();
        }

        StartIf(start);
    }

    /// <summary>Ends when everything handed over so far has been answered.</summary>
    public async Task WhenIdle()
    {
        Task idle;
        GroupCommit? apart;
        lock (_gate)
        {
            idle = _active ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }

        // Awaited here, not by the caller: a WaitAsync on that very task would go on in the thread pool, whatever scheduler the engine runs
        // on.
        await idle;
        lock (_gate)
        {
            apart = _apart;
        }

        if (apart is not null)
        {
            await apart.WhenIdle();
        }
    }

    /// <summary>How often it has had something to do, if it has nothing to do now: the same number twice means that nothing came in
    /// between.</summary>
    public long? Rests
    {
        get
        {
            lock (_gate)
            {
                return _active ? null : _apart is null ? _activations : _activations + _apart.Rests;
            }
        }
    }

    /// <summary>Ends when the answer of the flush that is in flight now, if any, has been dealt with.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WhenAnswered(CancellationToken cancellationToken = default)
    {
        // A source for each who waits: a WaitAsync on one for all would go on in the thread pool, whatever scheduler the engine runs on.
        TaskCompletionSource answered;
        lock (_gate)
        {
            if (!_active)
            {
                return;
            }

            answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_answered ??= []).Add(answered);
        }

        using var givesUp = cancellationToken
            .UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), answered);
        try
        {
            await answered.Task;
        }
        finally
        {
            lock (_gate)
            {
                _ = _answered?.Remove(answered);
            }
        }
    }

    /// <summary>Under the gate: tells those who wait for the answer of a flush.</summary>
    private void TellAnswered()
    {
        if (_answered is not { } waiting)
        {
            return;
        }

        waiting.ForEach(static answered => answered.TrySetResult());
        _answered = null;
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
        lock (_gate)
        {
            _apart?.Abandon();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync(once: false);

    // By index: a predicate would cost every settlement a closure. At most one note a job.
    private void DropNote(LeaseToken token)
    {
        for (var i = 0; i < _notes.Count; i++)
        {
            if (_notes[i].Token == token)
            {
                _notes.RemoveAt(i);
                return;
            }
        }
    }

    private bool Activate()
    {
        if (_active)
        {
            return false;
        }

        _activations++;
        return _active = true;
    }

    private void StartIf(bool start)
    {
        if (start)
        {
            // Nobody waits for it, and what comes on its way through the pool shares the flush: sent from here, a lone caller's next job
            // waited for the settlement of its last (1.6 commits a job in place of 1.0, and half the rate).
            engine.Context.Starter.Start(this);
        }
    }

    /// <summary>Sends the next flush from the caller's thread, which goes on as soon as the store has it. Nothing of the caller's flows
    /// into it.</summary>
    private void RunHere()
    {
        _ = CallerContext.Detached(static commit => commit.RunAsync(once: true), this);
    }

    // Never throws: an error belongs to the operations it concerns, and the loop goes on.
    private async Task RunAsync(bool once)
    {
        while (Gather() is { } batch)
        {
            var sending = SendAsync(batch);
            once &= sending.IsCompleted;
            await sending;
            if (once && HasMore())
            {
                // A caller's thread carries its own flush, not everybody's.
                engine.Context.Starter.Start(this);
                return;
            }
        }
    }

    private bool HasMore()
    {
        lock (_gate)
        {
            return _poked || _enqueues.Count + _settlements.Count + _giveBacks.Count + _notes.Count > 0;
        }
    }

    private Batch? Gather()
    {
        var batch = _batch;
        lock (_gate)
        {
            batch.Clear();
            TellAnswered();
            _poked = false;
            batch.Settlements = Take(ref _settlements, batch.Settlements, SettlementsThatFit(batch));
            TakeEnqueues(batch);
            batch.GiveBacks = Take(ref _giveBacks, batch.GiveBacks, _mostOperations);
            batch.Notes = Take(ref _notes, batch.Notes, _mostOperations);
        }

        Plan(batch);
        if (!batch.IsEmpty)
        {
            return batch;
        }

        lock (_gate)
        {
            if (_poked || _enqueues.Count + _settlements.Count + _giveBacks.Count + _notes.Count > 0)
            {
                return batch;
            }

            // Somebody may have begun to wait since the last answer was dealt with, and nothing is in flight any more.
            TellAnswered();
            _active = false;
            _idle?.TrySetResult();
            _idle = null;
            return null;
        }
    }

    private static List<T> Take<T>(ref List<T> list, List<T> empty, int most)
    {
        if (list.Count <= most)
        {
            (var all, list) = (list, empty);
            return all;
        }

        empty.AddRange(CollectionsMarshal.AsSpan(list)[..most]);
        list.RemoveRange(0, most);
        return empty;
    }

    /// <summary>How many settlements fit into the batch, in their order; one goes however large it is.</summary>
    private int SettlementsThatFit(Batch batch)
    {
        if (!engine.Store.IsDurable)
        {
            return _mostOperations;
        }

        if (_largeWaits)
        {
            return 0;
        }

        var count = 0;
        foreach (var settlement in _settlements)
        {
            var bytes = BatchLimits.BytesOf(settlement);
            if (count == _mostOperations || (count > 0 && batch.Bytes + bytes > _mostBytes))
            {
                break;
            }

            batch.Bytes += bytes;
            count++;
        }

        return count;
    }

    /// <summary>Whole calls up to the limit; a second operation on an id that is already in the batch waits for the next. However many
    /// wait, few of those are looked at that have to wait once more: else each batch would go through all of them.</summary>
    private void TakeEnqueues(Batch batch)
    {
        HashSet<JobId>? given = null;
        List<EnqueueCall>? later = null;
        _largeWaits = false;
        var count = 0;
        while (_enqueues.Count > 0 && count < _mostOperations && (batch.Bytes < _mostBytes || batch.Bytes == 0)
            && !(later?.Count >= MostPassedOver))
        {
            var call = _enqueues.Take();
            var bytes = engine.Store.IsDurable ? call.Bytes : 0;
            var fits = (count == 0 || count + call.Count <= _mostOperations) && (batch.Bytes == 0 || batch.Bytes + bytes <= _mostBytes);
            if (!fits || ClashesWith(call, ref given))
            {
                _largeWaits |= count == 0 && later is null;
                (later ??= []).Add(call);
                continue;
            }

            batch.Calls.Add(call);
            batch.Bytes += bytes;
            count += call.Count;
        }

        if (later is not null)
        {
            _enqueues.PutBack(later);
        }

        _enqueues.Trim();
    }

    // A call never clashes with itself: the client refuses one that gives an id twice.
    private static bool ClashesWith(EnqueueCall call, ref HashSet<JobId>? given)
    {
        for (var i = 0; i < call.Count; i++)
        {
            if (call[i].IdGiven && given is not null && given.Contains(call[i].Id))
            {
                return true;
            }
        }

        for (var i = 0; i < call.Count; i++)
        {
            if (call[i].IdGiven)
            {
                _ = (given ??= []).Add(call[i].Id);
            }
        }

        return false;
    }
}
