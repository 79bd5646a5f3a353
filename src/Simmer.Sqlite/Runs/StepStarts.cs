using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The steps that one flush releases, gathered before their rows are written. Where the worker has room, and nothing that is ready
/// comes before them, they are written as started by it. That saves a chain an update, a search and the reading of a row for every
/// step.</summary>
/// <remarks>It starts those that a claim right after the releases of this flush would have taken. Whatever is in doubt becomes ready and is
/// left to that claim.</remarks>
internal sealed class StepStarts(Flush flush)
{
    private readonly List<QueueStarts> _queues = [];

    /// <summary>One for each queue that has a step to start.</summary>
    public IReadOnlyList<QueueStarts> Queues => _queues;

    /// <summary>What starts in a queue, made now if there is none.</summary>
    public QueueStarts this[string queue]
    {
        get
        {
            foreach (var starts in _queues)
            {
                if (starts.Queue == queue)
                {
                    return starts;
                }
            }

            var added = new QueueStarts(queue, RoomIn(queue));
            _queues.Add(added);
            return added;
        }
    }

    /// <summary>The highest priority among the steps of a queue; null: there are none.</summary>
    public long? TopPriority(string queue)
    {
        foreach (var starts in _queues)
        {
            if (starts.Queue == queue)
            {
                return starts.Starts.Max(static s => s.Priority);
            }
        }

        return null;
    }

    /// <summary>What was started of a queue, best first.</summary>
    public IReadOnlyList<JobClaim> ClaimsOf(string queue)
    {
        foreach (var starts in _queues)
        {
            if (starts.Queue == queue)
            {
                return starts.Claims();
            }
        }

        return [];
    }

    private int RoomIn(string queue)
    {
        for (var i = 0; i < flush.Claims.Count; i++)
        {
            if (flush.Claims[i].Queue == queue)
            {
                return flush.Claims[i].Count;
            }
        }

        return 0;
    }
}
