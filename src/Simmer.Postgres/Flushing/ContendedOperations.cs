using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The keys, jobs and workflows that a flush had to wait for lately, because another transaction holds them. Operations that need
/// the same are left out of the common flush at once, without waiting again.</summary>
internal sealed class ContendedOperations(TimeProvider clock)
{
    private static readonly TimeSpan s_remembered = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _since = new(StringComparer.Ordinal);

    /// <summary>An operation had to wait for a job, or for the unique key of the job that it stores.</summary>
    public void Note(JobId id, JobDraft? job) => _since[NameOf(id, job)] = clock.GetTimestamp();

    /// <summary>An operation did not have to wait.</summary>
    public void Free(JobId id, JobDraft? job)
    {
        if (!_since.IsEmpty)
        {
            _ = _since.TryRemove(NameOf(id, job), out _);
        }
    }

    /// <summary>The numbers of the operations of a flush that need something of it; of a call with several jobs all or none.</summary>
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
