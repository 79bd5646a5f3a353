using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Audit;

/// <summary>All that is known of one job from outside the store.</summary>
internal sealed class Story(IReadOnlyList<Act> script, TimeSpan timeLimit)
{
    public Story(int number, IReadOnlyList<Act> script, TimeSpan timeLimit)
        : this(script, timeLimit)
    {
        Number = number;
        Bind(new JobId(new Guid(number, 0, 0, new byte[8])), $"{number}");
    }

    public int Number { get; }

    /// <summary>The name of the job in the trace.</summary>
    public string Name { get; private set; } = string.Empty;

    public JobId Id { get; private set; }

    public TimeSpan TimeLimit => timeLimit;

    public string? UniqueKey { get; init; }

    public List<HandlerRun> Runs { get; } = [];

    /// <summary>Whether the enqueue was acknowledged.</summary>
    public bool Acknowledged { get; set; }

    /// <summary>An operator's wish to delete it was carried out.</summary>
    public bool Deleted { get; private set; }

    /// <summary>The attempts that count since an operator's last retry: runs that ended by themselves and were settled, and deaths that
    /// were charged to it.</summary>
    public int Spent { get; set; }

    /// <summary>How often it was taken back from a dead worker since it last ended by itself.</summary>
    public int Deaths { get; set; }

    /// <summary>What its next run does. After the end of its script it succeeds.</summary>
    public Act NextAct => Runs.Count < script.Count ? script[Runs.Count] : Act.Succeed;

    /// <summary>The job of a step is known by its id only once it is in the store.</summary>
    public void Bind(JobId id, string name) => (Id, Name) = (id, name);

    /// <summary>Called when the job is gone. If it is enqueued again, it begins anew with run 1.</summary>
    public void Delete()
    {
        (Deleted, Spent, Deaths) = (true, 0, 0);
        Runs.Clear();
    }
}

/// <summary>How a handler left.</summary>
internal enum Leaving
{
    Running,
    Returned,
    Threw,

    /// <summary>It was told to stop and stopped.</summary>
    Obeyed,

    /// <summary>Its process died under it.</summary>
    Died,
}

/// <summary>One call of a handler.</summary>
internal sealed class HandlerRun(Story story, int run, Act act, SimulatedProcess process, long startedAt)
{
    public Story Story => story;

    public int Run => run;

    public Act Act => act;

    public SimulatedProcess Process => process;

    public long StartedAt => startedAt;

    public long EndedAt { get; set; }

    public Leaving Leaving { get; set; }

    public bool IsRunning => Leaving == Leaving.Running;
}
