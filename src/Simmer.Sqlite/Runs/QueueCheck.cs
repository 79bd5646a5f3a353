namespace Simmer.Sqlite;

/// <summary>What the jobs of one flush need to know of a queue, asked once.</summary>
internal sealed class QueueCheck(string name, long id)
{
    public readonly string Name = name;
    public readonly long Id = id;

    /// <summary>Whether the two below were asked for.</summary>
    public bool Probed;

    /// <summary>Whether jobs may start.</summary>
    public bool IsOpen;

    /// <summary>The highest priority among the ready jobs, those of this flush included.</summary>
    public long TopReady = long.MinValue;
}
