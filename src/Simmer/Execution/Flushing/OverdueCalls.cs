using Simmer.Context;
using Simmer.Enqueue;
using Simmer.Execution.Intake;

namespace Simmer.Execution.Flushing;

/// <summary>Tells callers when their time is over (<see cref="SimmerOptions.EnqueueTimeout"/>), whatever the store is doing.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="storeName">The store, for messages.</param>
/// <param name="intake">What waits, and what is in flight.</param>
/// <param name="isApart">Whether the flushes carry blocked operations only.</param>
internal sealed class OverdueCalls(EngineContext context, string storeName, FlushIntake intake, bool isApart)
{
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromDays(1);

    /// <summary>A flush of blocked operations comes back soon, and then it is known that they are not stored; only a store that hangs makes
    /// their callers wait for longer than this.</summary>
    private static readonly TimeSpan s_apartPatience = TimeSpan.FromSeconds(1);

    private volatile StoreException? _lastError;

    /// <summary>The last error of the flush in flight; null: none.</summary>
    public StoreException? LastError
    {
        get => _lastError;
        set => _lastError = value;
    }

    public bool IsOverdue(EnqueueCall call) => Waited(call) >= context.Options.EnqueueTimeout;

    /// <summary>Watches the calls until no caller waits any more: a flush that hangs returns long after their time. While calls are
    /// answered in time it wakes once in an <see cref="SimmerOptions.EnqueueTimeout"/>.</summary>
    public async Task WatchAsync()
    {
        while (intake.OldestCall() is { } oldest)
        {
            var left = Patience - context.Time.GetElapsedTime(oldest);

            // A delay counts whole milliseconds: one that is cut ends too early, again and again where the time is simulated.
            left = left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero;
            await Task.Delay(left < s_longestDelay ? left : s_longestDelay, context.Time);
            Fail(call => Waited(call) >= Patience, LastError ?? new StoreException("The store is busy or away.", isTransient: true));
        }
    }

    /// <summary>Called when an attempt of the flush in flight has failed. Fails the calls whose time is over; if the error is not
    /// transient, waiting is of no use, and all fail.</summary>
    public void AttemptFailed(StoreException error)
    {
        LastError = error;
        Fail(error.IsTransient ? IsOverdue : static _ => true, error);
    }

    private TimeSpan Patience => context.Options.EnqueueTimeout + (isApart ? s_apartPatience : TimeSpan.Zero);

    private TimeSpan Waited(EnqueueCall call) => context.Time.GetElapsedTime(call.Timestamp);

    private string NoAnswer => $"Store '{storeName}' has not answered for {context.Options.EnqueueTimeout} (EnqueueTimeout).";

    /// <summary>Fails the calls that are due. A call in flight may be stored or not, and its flush goes on until that is known; a call that
    /// was not sent yet is not sent any more.</summary>
    private void Fail(Predicate<EnqueueCall> isTime, StoreException error)
    {
        var (sent, unsent) = intake.TakeOverdue(isTime);
        foreach (var call in sent)
        {
            call.FailUnknown(error.IsTransient ? NoAnswer : $"Store '{storeName}' failed.", error);
        }

        foreach (var call in unsent)
        {
            call.Leave();
            call.Fail(new StoreException(
                error.IsTransient
                    ? $"{NoAnswer} The job is not stored."
                    : $"The job is not stored. {error.Message}", error.IsTransient, inner: error));
        }
    }
}
