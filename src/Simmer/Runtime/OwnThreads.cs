namespace Simmer.Runtime;

/// <summary>The threads of a queue that has its own. Whatever is to run gets an idle one or a new one, so that nothing waits behind a
/// handler that blocks, not even the continuation that it blocks for.</summary>
internal sealed class OwnThreads : WorkStarter, IDisposable
{
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(10);

    private readonly string _queue;
    private readonly Context _context;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Queue<IThreadPoolWorkItem> _work = new();
    private int _idle;
    private int _count;
    private bool _closed;

    public OwnThreads(string queue) => (_queue, _context) = (queue, new Context(this));

    /// <summary>How many threads there are.</summary>
    public int Count => Volatile.Read(ref _count);

    public override void Start(IThreadPoolWorkItem work)
    {
        bool isClosed, isTaken;
        lock (_gate)
        {
            isClosed = _closed;
            if (!isClosed)
            {
                _work.Enqueue(work);
            }

            isTaken = _idle >= _work.Count;
            _count += isClosed || isTaken ? 0 : 1;
        }

        if (isClosed)
        {
            // The host has left, and a handler with it; what it still awaited ends somewhere.
            ThreadPool.Start(work);
        }
        else if (isTaken)
        {
            _ = _arrived.Release();
        }
        else
        {
            // Started without the caller's context, because a job must not see the request that enqueued it.
            new Thread(Run) { IsBackground = true, Name = $"Simmer {_queue}" }.UnsafeStart();
        }
    }

    /// <summary>Idle threads end, busy ones when they have done what they do.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            if (_idle > 0)
            {
                _ = _arrived.Release(_idle);
            }
        }
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            // Set anew for each job, because a handler may have set another one.
            SynchronizationContext.SetSynchronizationContext(_context);
            work.Execute();
        }
    }

    private IThreadPoolWorkItem? Next()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_work.TryDequeue(out var work))
                {
                    return work;
                }

                if (_closed)
                {
                    _count--;
                    return null;
                }

                _idle++;
            }

            var isWoken = _arrived.Wait(s_idleTime);
            lock (_gate)
            {
                _idle--;
                if (!isWoken && _work.Count == 0)
                {
                    _count--;
                    return null;
                }
            }
        }
    }

    /// <summary>Continues on these threads what is awaited on them.</summary>
    private sealed class Context(OwnThreads threads) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => threads.Start(new Posted(d, state));

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Posted(SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => callback(state);
    }
}
