namespace Simmer.Sqlite;

/// <summary>A thread with a queue of operations. What arrives while a batch runs forms the next batch: nothing is delayed on purpose so
/// that more of it comes together.</summary>
internal abstract class StoreThread
{
    private readonly Lock _gate = new();
    private readonly ThreadWaker _waker;
    private readonly Thread _thread;
    private List<WorkItem> _queue = [];
    private List<WorkItem> _batch = [];
    private bool _started;
    private bool _closed;

    /// <param name="name">The thread's name.</param>
    /// <param name="waker">Wakes the thread.</param>
    protected StoreThread(string name, ThreadWaker waker) =>
        (_waker, _thread) = (waker, new Thread(Loop) { Name = name, IsBackground = true });

    public Task<T> Post<T>(Func<SqliteSession, WorkItem, T> work, CancellationToken cancellationToken, int weight = 1, bool careful = false,
        bool goesOnHere = false)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var item = new WorkItem<T>(work, goesOnHere, cancellationToken) { Weight = weight, HasCarefulWay = careful };
        lock (_gate)
        {
            if (_closed)
            {
                return Task
                    .FromException<T>(new ObjectDisposedException("SqliteJobStore",
                    "The SQLite store was disposed; it takes nothing more."));
            }

            _queue.Add(item);
        }

        _waker.Wake();
        return item.Task;
    }

    /// <summary>Has the thread look for what there is to do, although nothing was posted.</summary>
    public void Wake() => _waker.Wake();

    /// <summary>Runs what is queued, then ends the thread.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _waker.Wake();
        if (_thread == Thread.CurrentThread)
        {
            // Disposed from within a hint's callback: the thread ends when that returns.
            return;
        }

        // IsAlive would not do: the thread may have ended, and closed, since the line above.
        if (_started)
        {
            _thread.Join();
        }
        else
        {
            Closing();
        }
    }

    /// <summary>Starts the thread. What was posted before is run then.</summary>
    public void Start()
    {
        _started = true;
        _thread.UnsafeStart();
    }

    /// <summary>Runs a batch and answers every item of it. Must not throw.</summary>
    protected abstract void Run(List<WorkItem> batch);

    /// <summary>Called when nothing is queued; answers how long it may take until the next call. Must not throw.</summary>
    protected virtual TimeSpan Idle() => Timeout.InfiniteTimeSpan;

    /// <summary>The last call on the thread.</summary>
    protected abstract void Closing();

    private void Loop()
    {
        while (true)
        {
            _waker.Reset();
            bool closed;
            lock (_gate)
            {
                (_queue, _batch) = (_batch, _queue);
                closed = _closed;
            }

            if (_batch.Count > 0)
            {
                Run(_batch);
                _batch.Clear();
            }
            else if (closed)
            {
                Closing();
                return;
            }
            else
            {
                var wait = Idle();
                if (wait != TimeSpan.Zero)
                {
                    _waker.Wait(wait);
                }
            }
        }
    }
}
