namespace Simmer.SimulationTests.Running;

/// <summary>One thread on which everything runs, and one clock that advances when nothing can run. So the course of events is a function of
/// the seed.</summary>
internal sealed class World
{
    private const int MostTurns = 3_000_000;

    private readonly List<SimulatedProcess> _processes = [];
    private readonly PriorityQueue<SimulatedTimer.Alarm, (long At, long Number)> _alarms = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _lastAlarm;
    private string? _escaped;
    private string? _wrong;

    public World(int seed)
    {
        Seed = seed;
        Random = new Random(seed);
        Trace = new Trace(() => Now);
        Outside = new SimulatedProcess(this, "world");
    }

    public int Seed { get; }

    /// <summary>The one source of chance.</summary>
    public Random Random { get; }

    public Trace Trace { get; }

    /// <summary>The true time since the beginning, in ticks of 100 ns.</summary>
    public long Now { get; private set; }

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now);

    /// <summary>Everything that is no simulated process: the network, the store, the people.</summary>
    public SimulatedProcess Outside { get; }

    public int Turns { get; private set; }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromSeconds(fromSeconds + (Random.NextDouble() * (toSeconds - fromSeconds)));

    /// <summary>Runs all there is to run until the work is done.</summary>
    public void Run(Func<Task> work)
    {
        var done = Outside.Run(work);
        while (!done.IsCompleted)
        {
            Turn();
        }

        done.GetAwaiter().GetResult();
    }

    public Task Delay(TimeSpan time) => Task.Delay(time, Outside.Time);

    /// <summary>Does something later, outside of all processes.</summary>
    public void After(TimeSpan time, Action work) => Ring(new SimulatedTimer.Alarm(Outside, work), Now + time.Ticks);

    public void Ring(SimulatedTimer.Alarm alarm, long at) => _alarms.Enqueue(alarm, (at, ++_lastAlarm));

    public void Join(SimulatedProcess process) => _processes.Add(process);

    public void Leave(SimulatedProcess process) => _processes.Remove(process);

    /// <summary>Ends the run as failed.</summary>
    public void Fail(string what)
    {
        Trace.Add("WRONG: " + what);
        _wrong ??= what;
    }

    /// <summary>Something is to run; from another thread it means that work has escaped to a place where no seed decides.</summary>
    public void Arrived()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _escaped ??= Environment.StackTrace;
        }
    }

    private void Turn()
    {
        if (_wrong is not null)
        {
            throw new InvalidOperationException(_wrong);
        }

        if (_escaped is not null)
        {
            throw new InvalidOperationException("Work came back from another thread: it had left the simulation.\n" + _escaped);
        }

        if (++Turns > MostTurns)
        {
            throw new InvalidOperationException("The simulation does not come to rest.");
        }

        RingDue();
        if (Pick() is { } process)
        {
            // Work takes time, and never the same.
            process.RunOne();
            Now += Random.Next(200);
        }
        else if (_alarms.TryPeek(out _, out var next))
        {
            Now = Math.Max(Now, next.At);
        }
        else
        {
            throw new InvalidOperationException(
                "Everything stands still: nothing runs and nothing is to come. Something waits for work that left the simulation, or for "
                + "a lost signal.");
        }
    }

    private void RingDue()
    {
        while (_alarms.TryPeek(out var alarm, out var next) && next.At <= Now)
        {
            _ = _alarms.Dequeue();
            alarm.Ring();
        }
    }

    private SimulatedProcess? Pick()
    {
        var ready = 0;
        foreach (var process in _processes)
        {
            ready += process.Ready;
        }

        if (ready == 0)
        {
            return null;
        }

        var choice = Random.Next(ready);
        Trace.Mix(choice);
        foreach (var process in _processes)
        {
            if (choice < process.Ready)
            {
                process.Choose(choice);
                return process;
            }

            choice -= process.Ready;
        }

        return null;
    }
}
