using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>The operations of one flush. A batch is used again and again: its lists are free when its flush has been answered.</summary>
internal sealed class FlushBatch
{
    public List<EnqueueCall> Calls { get; } = [];

    public List<EnqueueRequest> Enqueues { get; } = [];

    public List<WorkflowDraft> Workflows { get; } = [];

    public List<Settlement> Settlements { get; set; } = [];

    public List<LeaseToken> GiveBacks { get; set; } = [];

    public List<ProgressNote> Notes { get; set; } = [];

    public List<ClaimRequest> Claims { get; } = [];

    /// <summary>For each claim, how many hints its queue had got when the claim was planned.</summary>
    public List<int> Hints { get; } = [];

    public SuspectRoom Suspects { get; set; }

    /// <summary>About how many bytes the batch has; 0 in memory.</summary>
    public long Bytes { get; set; }

    public int Operations => Enqueues.Count + Workflows.Count + Settlements.Count + GiveBacks.Count;

    public bool IsEmpty => Operations + Notes.Count + Claims.Count == 0;

    public void Clear()
    {
        Calls.Clear();
        Enqueues.Clear();
        Workflows.Clear();
        Settlements.Clear();
        GiveBacks.Clear();
        Notes.Clear();
        Claims.Clear();
        Hints.Clear();
        Suspects = default;
        Bytes = 0;
    }

    public Flush ToFlush(WorkerId worker, long sequence, bool isRepeat, IReadOnlyCollection<string> kinds, bool isApart) => new()
    {
        IsApart = isApart,
        Bytes = Bytes,
        Worker = worker,
        Sequence = sequence,
        IsRepeat = isRepeat,
        Settlements = Settlements,
        GiveBacks = GiveBacks,
        Progress = Notes,
        Enqueues = Enqueues,
        Workflows = Workflows,
        Claims = Claims,
        Kinds = kinds,
        Suspects = Suspects,
    };
}
