using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>What came of the jobs of dead workers.</summary>
internal sealed class Rescued
{
    /// <summary>Those that are ready again.</summary>
    public List<JobId> Jobs { get; } = [];

    /// <summary>Those whose cancel had been asked for.</summary>
    public List<JobId> Cancelled { get; } = [];

    /// <summary>The queues in which jobs are ready again.</summary>
    public SortedSet<string> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>What followed in workflows.</summary>
    public ReleaseReport Released { get; set; } = ReleaseReport.Nothing;

    /// <summary>Adds what came of others.</summary>
    public void Join(Rescued others)
    {
        Jobs.AddRange(others.Jobs);
        Cancelled.AddRange(others.Cancelled);
        Queues.UnionWith(others.Queues);
        Released = Released.With(others.Released);
    }
}
