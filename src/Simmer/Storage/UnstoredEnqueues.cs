using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Remembers which enqueues of each worker's last flush were not stored. If the answer to the flush is lost, its repeat cannot
/// tell in any other way that an enqueue met a key which is free by now, that the id of a workflow was taken, or that an enqueue was
/// refused.</summary>
/// <remarks>Only the worker that sent a flush repeats it, and it repeats its last one: so nothing of this has to outlive the process. Not
/// safe for several threads at a time.</remarks>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class UnstoredEnqueues
{
    private readonly Dictionary<WorkerId, Last> _last = [];

    /// <summary>Notes which enqueues of a flush were not stored. One whose id belongs to a job that was there before is not noted, because
    /// the id shows it.</summary>
    /// <param name="flush">The flush.</param>
    /// <param name="reports">The answers to its enqueues.</param>
    /// <returns>The same answers.</returns>
    public EnqueueReport[] Note(Flush flush, EnqueueReport[] reports)
    {
        ArgumentNullException.ThrowIfNull(flush);
        ArgumentNullException.ThrowIfNull(reports);
        List<int>? places = null;
        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status == EnqueueStatus.Refused
                || (reports[i].Status == EnqueueStatus.Duplicate && reports[i].Id != flush.Enqueues[i].Job.Id))
            {
                (places ??= []).Add(i);
            }
        }

        if (places is not null || _last.Count > 0)
        {
            Note(flush, LastOf(flush) with { Places = places?.ToArray() ?? [] });
        }

        return reports;
    }

    /// <summary>Notes which workflows of a flush are not stored, after its other enqueues.</summary>
    /// <param name="flush">The flush.</param>
    /// <param name="reports">The answers to its workflows.</param>
    /// <returns>The same answers.</returns>
    public WorkflowReport[] Note(Flush flush, WorkflowReport[] reports)
    {
        ArgumentNullException.ThrowIfNull(flush);
        ArgumentNullException.ThrowIfNull(reports);
        if (reports.Length > 0 && (_last.Count > 0 || !Array.TrueForAll(reports, static r => r.Status == EnqueueStatus.Stored)))
        {
            Note(flush, LastOf(flush) with { Duplicates = Places(EnqueueStatus.Duplicate), Refused = Places(EnqueueStatus.Refused) });
        }

        return reports;

        int[] Places(EnqueueStatus status) => [.. Enumerable.Range(0, reports.Length).Where(i => reports[i].Status == status)];
    }

    /// <summary>The answers to the workflows of a flush that is repeated. A duplicate is answered as one again, and a refused workflow is
    /// tried once more.</summary>
    /// <param name="flush">The flush that is repeated.</param>
    /// <param name="state">The state of a workflow as it is now.</param>
    /// <param name="store">Stores a workflow, or refuses it again.</param>
    /// <returns>An answer a workflow.</returns>
    public WorkflowReport[] Workflows(Flush flush, Func<WorkflowDraft, WorkflowState> state, Func<WorkflowDraft, WorkflowReport> store)
    {
        ArgumentNullException.ThrowIfNull(flush);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(store);
        var last = LastOf(flush);
        var reports = new WorkflowReport[flush.Workflows.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            var workflow = flush.Workflows[i];
            reports[i] = last.Refused.Contains(i) ? store(workflow)
                : new WorkflowReport(last.Duplicates.Contains(i) ? EnqueueStatus.Duplicate : EnqueueStatus.Stored, workflow.Id,
                    state(workflow));
        }

        return Note(flush, reports);
    }

    /// <summary>The places of the enqueues of a flush that were not stored.</summary>
    /// <param name="flush">A flush that is repeated.</param>
    /// <returns>The places; <see langword="null"/>: there are none, or another flush came since.</returns>
    public IReadOnlyList<int>? Of(Flush flush)
    {
        ArgumentNullException.ThrowIfNull(flush);

        // Without enqueues it only asks whether the number was used.
        return flush.Enqueues.Count > 0 && _last.TryGetValue(flush.Worker, out var last) && last.Sequence == flush.Sequence
            && last.Places.Length > 0 ? last.Places : null;
    }

    private Last LastOf(Flush flush) =>
        _last.TryGetValue(flush.Worker, out var last) && last.Sequence == flush.Sequence ? last : new Last(flush.Sequence, [], [], []);

    private void Note(Flush flush, Last last)
    {
        if (last.Places.Length + last.Duplicates.Length + last.Refused.Length > 0)
        {
            _last[flush.Worker] = last;
        }
        else
        {
            _ = _last.Remove(flush.Worker);
        }
    }

    /// <summary>The enqueues of a worker's last flush that were not stored.</summary>
    /// <param name="Sequence">The flush.</param>
    /// <param name="Places">Its enqueues.</param>
    /// <param name="Duplicates">Its workflows whose ids were taken by the same.</param>
    /// <param name="Refused">Its workflows that were refused.</param>
    private sealed record Last(long Sequence, int[] Places, int[] Duplicates, int[] Refused);
}
