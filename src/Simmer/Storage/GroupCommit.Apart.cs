namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    /// <summary>How long what is blocked rests before it is tried again.</summary>
    private static readonly TimeSpan s_apartRest = TimeSpan.FromMilliseconds(250);

    /// <summary>What ended or goes back, and waits apart.</summary>
    private readonly HashSet<LeaseToken> _waitingApart = [];

    private GroupCommit? _apart;

    /// <summary>Sends what another transaction holds up, beside the flushes of everybody else: they must not wait for it.</summary>
    private GroupCommit Apart
    {
        get
        {
            lock (_gate)
            {
                return _apart ??= new GroupCommit(engine, this);
            }
        }
    }

    /// <summary>Takes what the store left out of the batch, to be sent apart, or, if this is apart, once more later.</summary>
    private async Task SetApartAsync(Batch batch, BlockedOperations blocked)
    {
        if (blocked.IsEmpty)
        {
            return;
        }

        var (calls, overdue) = BlockedCalls(batch, blocked);
        lock (_gate)
        {
            // They are not on their way any more, and known not to be stored: whose time is over from now on is told where they go.
            batch.Calls.Clear();
        }

        var settlements = blocked.Settlements.Select(i => batch.Settlements[i]).ToList();
        var giveBacks = blocked.GiveBacks.Select(i => batch.GiveBacks[i]).ToList();
        foreach (var call in overdue)
        {
            call.Leave();
            call.Fail(new StoreException(
                $"Another transaction has held what this enqueue needs in store '{engine.Store.Name}' (its unique key, its id or its "
                    + $"workflow) for {engine.Context.Options.EnqueueTimeout} (EnqueueTimeout); the job is not stored. " +
                "Look for a transaction that is kept open.", isTransient: true));
        }

        if (_main is null)
        {
            // Its loop may begin on this thread; what it takes is this batch's no more.
            Apart.Take(calls, settlements, giveBacks);
            return;
        }

        if (calls.Count + settlements.Count + giveBacks.Count > 0)
        {
            await Task.Delay(s_apartRest, engine.Context.Time);
            Take(calls, settlements, giveBacks);
        }
    }

    private (List<EnqueueCall> Calls, List<EnqueueCall> Overdue) BlockedCalls(Batch batch, BlockedOperations blocked)
    {
        var calls = new List<EnqueueCall>();
        var overdue = new List<EnqueueCall>();
        var (from, workflow) = (0, 0);
        foreach (var call in batch.Calls)
        {
            var isBlocked = call.Workflow is not null ? blocked.Workflows.Contains(workflow++) : blocked.Enqueues.Contains(from);
            from += call.Workflow is not null ? 0 : call.Count;
            if (isBlocked)
            {
                (IsOverdue(call) ? overdue : calls).Add(call);
            }
        }

        return (calls, overdue);
    }

    private void Take(List<EnqueueCall> calls, List<Settlement> settlements, List<LeaseToken> giveBacks)
    {
        var main = _main!;
        lock (main._gate)
        {
            main._waitingApart.UnionWith(settlements.Select(static s => s.Token));
            main._waitingApart.UnionWith(giveBacks);
        }

        bool start, watch;
        lock (_gate)
        {
            _enqueues.AddRange(calls);
            _settlements.AddRange(settlements);
            _giveBacks.AddRange(giveBacks);
            start = Activate();
            watch = calls.Count > 0 && WantsWatch();
        }

        if (watch)
        {
            engine.Context.Starter.Start(() => _ = WatchAsync());
        }

        StartIf(start);
    }

    /// <summary>What was sent apart has been answered, unless it is taken once more.</summary>
    private void Answered(Batch batch, BlockedOperations blocked)
    {
        if (_main is null)
        {
            return;
        }

        lock (_main._gate)
        {
            _main._waitingApart.ExceptWith(batch.Settlements.Where((_, i) => !blocked.Settlements.Contains(i)).Select(static s => s.Token));
            _main._waitingApart.ExceptWith(batch.GiveBacks.Where((_, i) => !blocked.GiveBacks.Contains(i)));
        }
    }
}
