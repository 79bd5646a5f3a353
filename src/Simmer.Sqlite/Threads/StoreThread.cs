namespace Simmer.Sqlite;

/// <summary>A thread with a queue of verbs. What arrives while a batch is carried out forms the next one; nothing waits on
/// purpose.</summary>
internal abstract class StoreThread
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _work = new(false, spinCount: 10);
    private readonly Thread _thread;
    private List<WorkItem> _queue = [];
    private List<WorkItem> _batch = [];
    private bool _started;
    private bool _closed;

    protected StoreThread(string name) => _thread = new Thread(Loop) { Name = name, IsBackground = true };

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

        _work.Set();
        return item.Task;
    }

    /// <summary>Has the thread look around without an item.</summary>
    public void Poke() => _work.Set();

    /// <summary>Carries out what is queued, then ends the thread.</summary>
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

        _work.Set();
        if (_thread == Thread.CurrentThread)
        {
            // Disposed from within a hint's callback: the thread ends when that returns.
            return;
        }

        // Not whether it is alive: it may have ended, and closed, since the line above.
        if (_started)
        {
            _thread.Join();
        }
        else
        {
            Closing();
        }
    }

    protected void Start()
    {
        _started = true;
        _thread.UnsafeStart();
    }

    /// <summary>Carries out a batch and answers every item of it. Must not throw.</summary>
    protected abstract void Carry(List<WorkItem> batch);

    /// <summary>Called when nothing is queued; answers how long it may take until the next call. Must not throw.</summary>
    protected virtual TimeSpan Idle() => Timeout.InfiniteTimeSpan;

    /// <summary>The last call on the thread.</summary>
    protected abstract void Closing();

    private void Loop()
    {
        while (true)
        {
            _work.Reset();
            bool closed;
            lock (_gate)
            {
                (_queue, _batch) = (_batch, _queue);
                closed = _closed;
            }

            if (_batch.Count > 0)
            {
                Carry(_batch);
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
                    // Whole milliseconds are waited: less than one would be none at all, and the thread would spin.
                    _ = _work.Wait(wait == Timeout.InfiniteTimeSpan
                        ? wait
                        : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
                }
            }
        }
    }
}
