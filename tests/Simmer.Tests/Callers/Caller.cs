using System.Collections.Concurrent;

namespace Simmer.Tests.Callers;

/// <summary>A caller on a thread or scheduler of its own, which does nothing else while the caller waits.</summary>
internal sealed class Caller : IDisposable
{
    private readonly ManualResetEventSlim _gone = new();
    private readonly SynchronizationContext? _context;
    private readonly Func<TaskScheduler>? _scheduler;

    public Caller(string ground)
    {
        _context = ground switch
        {
            "dead context" or "dead context on a dead scheduler" => new Dead(),
            "blocked context" => new Blocked(_gone),
            "context that refuses" => new Refusing(),
            "busy context" => new Busy(),
            _ => null,
        };
        _scheduler = ground switch
        {
            "exclusive scheduler" => static () => new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler,
            "dead scheduler" or "dead context on a dead scheduler" => static () => new OnlyOnce(),
            _ => null,
        };
    }

    public static TheoryData<string> Grounds =>
    [
        "plain thread", "dead context", "blocked context", "context that refuses", "busy context", "exclusive scheduler", "dead scheduler",
            "dead context on a dead scheduler",
    ];

    /// <summary>Does something there; the caller's thread waits for it, as <c>GetAwaiter().GetResult()</c> does.</summary>
    public async Task DoAsync(Action work, string what)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_scheduler is null)
        {
            new Thread(Work) { IsBackground = true }.UnsafeStart();
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.None, _scheduler());
            }
        }

        try
        {
            await done.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{what} does not end.");
        }

        void Work()
        {
            var before = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(_context);
            try
            {
                work();
                SynchronizationContext.Current.ShouldBeSameAs(_context, what);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }
        }
    }

    public void Dispose() => _gone.Set();

    private sealed class Dead : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // Lost.
        }
    }

    private sealed class Blocked(ManualResetEventSlim gone) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => gone.Wait();
    }

    private sealed class Refusing : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => throw new ObjectDisposedException("the window");
    }

    /// <summary>A context whose callbacks wait for a thread that is never free.</summary>
    private sealed class Busy : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback, object?)> _waiting = new();

        public override void Post(SendOrPostCallback d, object? state) => _waiting.Enqueue((d, state));
    }

    /// <summary>Runs one task, and none that comes after it.</summary>
    private sealed class OnlyOnce : TaskScheduler
    {
        private int _tasks;

        public override int MaximumConcurrencyLevel => 1;

        protected override void QueueTask(Task task)
        {
            if (Interlocked.Increment(ref _tasks) == 1)
            {
                new Thread(() => TryExecuteTask(task)) { IsBackground = true }.UnsafeStart();
            }
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
