using Simmer.Runtime;

namespace Simmer.SimulationTests.Running;

/// <summary>One simulated process. The work that is to run in it waits here for its turn. A frozen process has no turns; a dead one never
/// has one again.</summary>
internal sealed class SimulatedProcess : EngineScheduler
{
    private readonly World _world;
    private readonly List<Task> _ready = [];
    private readonly TaskCompletionSource _died = new();
    private Task? _chosen;

    public SimulatedProcess(World world, string name)
    {
        (_world, Name) = (world, name);
        Time = new SimulatedTime(world, this);
        Starter = new TurnStarter(this);
        world.Join(this);
    }

    public string Name { get; }

    public SimulatedTime Time { get; }

    public WorkStarter Starter { get; }

    public bool IsFrozen { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>When it last went on after a freeze, by the true time.</summary>
    public long ThawedAt { get; private set; } = long.MinValue / 2;

    /// <summary>Ends when the process does.</summary>
    public Task Died => _died.Task;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>How many pieces of work could have the next turn.</summary>
    public int Ready => IsFrozen ? 0 : _ready.Count;

    public void Choose(int index)
    {
        _chosen = _ready[index];
        _ready.RemoveAt(index);
    }

    public void RunOne()
    {
        var task = _chosen!;
        _chosen = null;
        _ = TryExecuteTask(task);
    }

    public void Post(Action work)
    {
        if (!IsDead)
        {
            _ = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this);
        }
    }

    public Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        ThawedAt = _world.Now;
    }

    /// <summary>Its memory is gone; what it asked of others may still happen.</summary>
    public void Kill()
    {
        if (!IsDead)
        {
            IsDead = true;
            _ready.Clear();
            _world.Leave(this);
            _died.SetResult();
        }
    }

    protected override void QueueTask(Task task)
    {
        _world.Arrived();
        if (!IsDead)
        {
            _ready.Add(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private sealed class TurnStarter(SimulatedProcess process) : WorkStarter
    {
        public override void Start(IThreadPoolWorkItem work) => process.Post(work.Execute);
    }
}
