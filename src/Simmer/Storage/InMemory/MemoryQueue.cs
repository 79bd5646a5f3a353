using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>One queue: its ready jobs by priority and sequence, and how many jobs it has in each state.</summary>
internal sealed class MemoryQueue(string name)
{
    /// <summary>Highest priority first. Levels stay when they are empty: priorities are few.</summary>
    private readonly List<ReadyLevel> _levels = [];

    public string Name => name;

    /// <summary>What an operator has set; null: it is not paused.</summary>
    public QueuePause? Pause { get; set; }

    /// <summary>Whether its jobs may start.</summary>
    public bool IsOpen => Admission.IsOpen(isPaused: Pause is not null);

    /// <summary>What the application has declared; null: nothing.</summary>
    public DeclaredQueue? Declared { get; set; }

    /// <summary>How long its cancelled jobs are kept, where no settlement says it.</summary>
    public TimeSpan KeepCancelledFor => KeepDecision.OfCancelled(Declared?.Policy.KeepFailed.Ticks);

    public long[] Counts { get; } = new long[(int)JobState.Skipped + 1];

    /// <summary>About how many jobs have not started or wait to go on, steps that wait for others included. Without the store's lock: every
    /// enqueue asks, and a flush of a thousand jobs would stop all callers.</summary>
    public int Waiting => (int)(Volatile.Read(ref Counts[(int)JobState.Ready]) + Volatile.Read(ref Counts[(int)JobState.Scheduled])
        + Volatile.Read(ref Counts[(int)JobState.Waiting]));

    public long Ready => Counts[(int)JobState.Ready];

    public IReadOnlyList<ReadyLevel> Levels => _levels;

    public bool HoldsJobs
    {
        get
        {
            foreach (var count in Counts)
            {
                if (count > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Add(JobRow row) => LevelOf(row.Job.Priority).Add(row);

    public void Remove(JobRow row) => LevelOf(row.Job.Priority).Remove(row);

    /// <summary>Whether a ready job would be claimed before a new one of this priority.</summary>
    public bool HasReadyBefore(int priority)
    {
        foreach (var level in _levels)
        {
            if (level.Priority < priority)
            {
                return false;
            }

            if (level.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private ReadyLevel LevelOf(int priority)
    {
        var index = 0;
        while (index < _levels.Count && _levels[index].Priority > priority)
        {
            index++;
        }

        if (index == _levels.Count || _levels[index].Priority != priority)
        {
            _levels.Insert(index, new ReadyLevel(priority));
        }

        return _levels[index];
    }
}
