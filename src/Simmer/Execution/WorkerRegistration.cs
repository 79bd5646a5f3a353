using Simmer.Context;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>This process as a worker of one store: its number there, and whether runs may begin under it.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="store">The store.</param>
/// <param name="info">What the store is told of this process.</param>
/// <param name="deadline">The time by which the lease must be confirmed; null in memory, where nobody else could take a job.</param>
internal sealed class WorkerRegistration(EngineContext context, IJobStore store, WorkerInfo info, LeaseDeadline? deadline)
{
    private readonly Lock _gate = new();
    private Task<WorkerId>? _registration;

    // The number for those who ask at every run, without a lock; 0: none.
    private long _current;

    /// <summary>This process's number in the store; registers it if need be.</summary>
    public ValueTask<WorkerId> GetAsync()
    {
        lock (_gate)
        {
            if (_registration is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _registration = RegisterAsync();
            }

            return new ValueTask<WorkerId>(_registration);
        }
    }

    /// <summary>The number, if the process is registered now.</summary>
    public WorkerId? Current
    {
        get
        {
            lock (_gate)
            {
                return _registration is { IsCompletedSuccessfully: true } done ? done.Result : null;
            }
        }
    }

    /// <summary>Whether jobs may be claimed: the lease cannot be over.</summary>
    public bool MayClaim => deadline is not { HasPassed: true };

    /// <summary>Whether a job that the store gave to a worker may start now: that worker is still registered, and its lease cannot be over.
    /// The claim may have taken long to arrive: behind a log that stalled, in a process that was frozen, before a thread was
    /// free.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="now">The present time, on the monotonic clock.</param>
    public bool MayBegin(WorkerId worker, long now) =>
        deadline is null || (Volatile.Read(ref _current) == worker.Value && !deadline.HasPassedAt(now));

    /// <summary>The store has declared a worker dead: forgets it, so that the process registers anew.</summary>
    /// <returns>False: it is another one by now.</returns>
    public bool TryForget(WorkerId gone)
    {
        lock (_gate)
        {
            if (_registration is not { IsCompletedSuccessfully: true } present || present.Result != gone)
            {
                return false;
            }

            _registration = null;
            Volatile.Write(ref _current, 0);
            deadline?.Forget();
            return true;
        }
    }

    public async Task DeregisterAsync()
    {
        if (Current is { } worker)
        {
            lock (_gate)
            {
                _registration = null;
                Volatile.Write(ref _current, 0);
            }

            await store.DeregisterAsync(worker, context.Now, CancellationToken.None);
        }
    }

    private async Task<WorkerId> RegisterAsync()
    {
        var sent = context.Time.GetTimestamp();
        var worker = await store.RegisterAsync(info, context.Now, CancellationToken.None);

        // The registration begins the lease: handlers may run before the first beat, which may never arrive.
        deadline?.Confirm(sent);
        Volatile.Write(ref _current, worker.Value);
        return worker;
    }
}
