using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What had to wait for another transaction lately: whatever needs the same is left out of the common flush at once, without
/// waiting for it again.</summary>
internal sealed class ContendedOperations(TimeProvider clock)
{
    private static readonly TimeSpan s_remembered = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _since = new(StringComparer.Ordinal);

    /// <summary>A job's operation, or all that need its key, had to wait.</summary>
    public void Note(JobId id, JobDraft? job) => _since[NameOf(id, job)] = clock.GetTimestamp();

    public void Free(JobId id, JobDraft? job)
    {
        if (!_since.IsEmpty)
        {
            _ = _since.TryRemove(NameOf(id, job), out _);
        }
    }

    /// <summary>The operations of a flush that need something that is held; of a call with several jobs all.</summary>
    public IEnumerable<int> Among(Flush flush)
    {
        if (_since.IsEmpty)
        {
            return [];
        }

        var among = new List<int>();
        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            var settlement = flush.Settlements[i];
            if (IsHeld(settlement.Token.Id, null) || (settlement.Step is { } step && IsHeld(step.Workflow.Step(0), null)))
            {
                among.Add(i);
            }
        }

        var first = flush.Settlements.Count + flush.GiveBacks.Count;
        var groups = flush.Enqueues.Where(e => e.Group > 0 && IsHeld(e.Job.Id, e.Job)).Select(static e => e.Group).ToHashSet();
        for (var i = 0; i < flush.Enqueues.Count; i++)
        {
            if (groups.Contains(flush.Enqueues[i].Group) || IsHeld(flush.Enqueues[i].Job.Id, flush.Enqueues[i].Job))
            {
                among.Add(first + i);
            }
        }

        return among;
    }

    private bool IsHeld(JobId id, JobDraft? job)
    {
        var name = NameOf(id, job);
        if (!_since.TryGetValue(name, out var since))
        {
            return false;
        }

        if (clock.GetElapsedTime(since) < s_remembered)
        {
            return true;
        }

        _ = _since.TryRemove(name, out _);
        return false;
    }

    private static string NameOf(JobId id, JobDraft? job) => job?.UniqueKey is { } key ? job.Kind + "\0" + key : id.ToString();
}
