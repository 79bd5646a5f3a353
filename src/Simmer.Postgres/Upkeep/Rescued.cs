using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What has come of a rescue so far.</summary>
internal sealed class Rescued
{
    /// <summary>Jobs that are ready again.</summary>
    public List<JobId> Jobs { get; } = [];

    /// <summary>Jobs that were cancelled instead.</summary>
    public List<JobId> Cancelled { get; } = [];

    /// <summary>The names of the queues that have ready jobs again.</summary>
    public SortedSet<string> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>The numbers of these queues, until they are named.</summary>
    public HashSet<int> QueueNumbers { get; } = [];

    /// <summary>Whether jobs were left because another transaction held them.</summary>
    public bool HasLeft { get; set; }

    /// <summary>What has followed in workflows.</summary>
    public ReleaseReport Released { get; set; } = ReleaseReport.Nothing;

    public void Join(Rescued part)
    {
        Jobs.AddRange(part.Jobs);
        Cancelled.AddRange(part.Cancelled);
        QueueNumbers.UnionWith(part.QueueNumbers);
        Queues.UnionWith(part.Queues);
        Released = Released.With(part.Released);
    }

    /// <summary>At the end of a transaction: names its queues, and takes over what has followed.</summary>
    public void Close(Session session)
    {
        Released = Released.With(session.Steps.Report(session.Ahead));
        foreach (var queue in QueueNumbers)
        {
            if (session.Names.QueueName(queue) is { } name)
            {
                _ = Queues.Add(name);
            }
        }
    }
}
