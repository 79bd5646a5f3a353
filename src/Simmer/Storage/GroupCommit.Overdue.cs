namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromDays(1);

    private static readonly TimeSpan s_apartPatience = TimeSpan.FromSeconds(1);

    private bool _watched;

    // Of the flush in flight.
    private volatile StoreException? _lastError;

    /// <summary>Under the gate: whether somebody has to begin to look after the time limit of callers.</summary>
    private bool WantsWatch()
    {
        // Memory has answered before the call returns.
        if (_watched || !engine.Store.IsDurable)
        {
            return false;
        }

        return _watched = true;
    }

    /// <summary>Tells callers when their time is over, whatever the store is doing: a flush that hangs comes back long after it. While
    /// calls are answered in time it wakes once in an <see cref="SimmerOptions.EnqueueTimeout"/>.</summary>
    private async Task WatchAsync()
    {
        while (TimeToOldest() is { } left)
        {
            await Task.Delay(left < s_longestDelay ? left : s_longestDelay, engine.Context.Time);
            FailOverdue(static (group, call) => group.Waited(call) >= group.Patience,
                _lastError ?? new StoreException("The store is busy or away.", isTransient: true));
        }
    }

    private TimeSpan? TimeToOldest()
    {
        lock (_gate)
        {
            long? oldest = null;
            foreach (var call in _batch.Calls)
            {
                Consider(call);
            }

            foreach (var call in _enqueues)
            {
                Consider(call);
            }

            if (oldest is not { } since)
            {
                _watched = false;
                return null;
            }

            var left = Patience - engine.Context.Time.GetElapsedTime(since);

            // A delay counts whole milliseconds: one that is cut ends too early, again and again where the time is simulated.
            return left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero;

            void Consider(EnqueueCall call)
            {
                if (!call.IsTold && (oldest is not { } known || call.Timestamp < known))
                {
                    oldest = call.Timestamp;
                }
            }
        }
    }

    /// <summary>What is sent apart is known not to be stored whenever that is answered, which is soon, or the store hangs.</summary>
    private TimeSpan Patience => engine.Context.Options.EnqueueTimeout + (_main is null ? TimeSpan.Zero : s_apartPatience);

    private bool IsOverdue(EnqueueCall call) => Waited(call) >= engine.Context.Options.EnqueueTimeout;

    private TimeSpan Waited(EnqueueCall call) => engine.Context.Time.GetElapsedTime(call.Timestamp);

    /// <summary>Tells those for whom it is time. What is in flight may be stored or not, and the flush goes on until it knows; what was not
    /// sent yet is not sent any more.</summary>
    private void FailOverdue(Func<GroupCommit, EnqueueCall, bool> isTime, StoreException error)
    {
        List<EnqueueCall>? sent = null;
        List<EnqueueCall>? unsent = null;
        lock (_gate)
        {
            foreach (var call in _batch.Calls)
            {
                if (!call.IsTold && isTime(this, call))
                {
                    (sent ??= []).Add(call);
                }
            }

            _enqueues.RemoveAll(call =>
            {
                var late = isTime(this, call);
                if (late)
                {
                    (unsent ??= []).Add(call);
                }

                return late;
            });
        }

        foreach (var call in sent ?? [])
        {
            call.Fail(StoreException.MayBeStored(call, error.IsTransient ? NoAnswer : $"Store '{engine.Store.Name}' failed.", error));
        }

        foreach (var call in unsent ?? [])
        {
            call.Leave();
            call.Fail(new StoreException(
                error.IsTransient
                    ? $"{NoAnswer} The job is not stored."
                    : $"The job is not stored. {error.Message}", error.IsTransient, inner: error));
        }
    }

    private string NoAnswer =>
        $"Store '{engine.Store.Name}' has not answered for {engine.Context.Options.EnqueueTimeout} (EnqueueTimeout).";
}
