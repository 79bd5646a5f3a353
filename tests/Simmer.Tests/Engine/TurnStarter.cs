using Simmer.Runtime;

namespace Simmer.Tests.Engine;

/// <summary>Runs the whole engine on one thread, one step after another, in an order that a seed decides.</summary>
internal sealed class TurnStarter(int seed) : WorkStarter
{
    private readonly Turns _turns = new(seed);

    public override void Start(IThreadPoolWorkItem work) =>
        _ = Task.Factory.StartNew(work.Execute, CancellationToken.None, TaskCreationOptions.None, _turns);

    public Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap();

    /// <summary>Does all that can be done now.</summary>
    public void Settle() => _turns.Settle();

    private sealed class Turns(int seed) : EngineScheduler
    {
        private readonly Random _random = new(seed);
        private readonly List<Task> _ready = [];

        public override int MaximumConcurrencyLevel => 1;

        public void Settle()
        {
            while (Next() is { } task)
            {
                TryExecuteTask(task);
            }
        }

        protected override void QueueTask(Task task)
        {
            lock (_ready)
            {
                _ready.Add(task);
            }
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];

        private Task? Next()
        {
            lock (_ready)
            {
                if (_ready.Count == 0)
                {
                    return null;
                }

                var index = _random.Next(_ready.Count);
                var task = _ready[index];
                _ready.RemoveAt(index);
                return task;
            }
        }
    }
}
