namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    /// <summary>Decides, at the last moment, what is dispatched here and what is claimed.</summary>
    private void Plan(Batch batch)
    {
        var group = 0;
        foreach (var call in batch.Calls)
        {
            if (call.Workflow is { } workflow)
            {
                Plan(batch, workflow);
                continue;
            }

            var number = call.Count > 1 ? ++group : 0;
            for (var i = 0; i < call.Count; i++)
            {
                batch.Enqueues.Add(new EnqueueRequest(call[i], _main is null && engine.Runner.TryReserve(call[i], RoundTrip), number));
            }
        }

        if (_main is not null)
        {
            // Claims are for the others, which nothing holds up.
            return;
        }

        // What these steps release is ready before the claims of this very flush.
        if (batch.Settlements.Exists(static s => s.Step is { LeadsOn: true }))
        {
            engine.Runner.HintAll();
        }

        engine.Runner.PlanClaims(batch.Claims, batch.Hints, RoundTrip, out var suspects);
        batch.Suspects = suspects;
    }

    // Its first steps are claimed by the flush that stores them, if there is room.
    private void Plan(Batch batch, WorkflowDraft workflow)
    {
        batch.Workflows.Add(workflow);
        string? hinted = null;
        foreach (var step in workflow.Steps)
        {
            if (step.Step!.Pending == 0 && !ReferenceEquals(step.Queue, hinted))
            {
                engine.Runner.Hint(hinted = step.Queue);
            }
        }
    }

    /// <summary>Gives back what <see cref="Plan(Batch)"/> took: the batch will not be carried out.</summary>
    private void Unplan(Batch batch)
    {
        foreach (var request in batch.Enqueues)
        {
            if (request.Dispatch)
            {
                engine.Runner.Dispatched(request.Job, null);
            }
        }

        engine.Runner.Answered(batch.Claims, batch.Hints, [], default);
        HintClaims(batch);
    }

    /// <summary>Nothing was learnt about the queues.</summary>
    private void HintClaims(Batch batch)
    {
        foreach (var claim in batch.Claims)
        {
            engine.Runner.Hint(claim.Queue);
        }
    }

    private sealed class Batch
    {
        public List<EnqueueCall> Calls { get; } = [];

        public List<EnqueueRequest> Enqueues { get; } = [];

        public List<WorkflowDraft> Workflows { get; } = [];

        public List<Settlement> Settlements { get; set; } = [];

        public List<LeaseToken> GiveBacks { get; set; } = [];

        public List<ProgressNote> Notes { get; set; } = [];

        public List<ClaimRequest> Claims { get; } = [];

        public List<int> Hints { get; } = [];

        public SuspectRoom Suspects { get; set; }

        /// <summary>About how many bytes it has; 0 in memory.</summary>
        public long Bytes { get; set; }

        public int Operations => Enqueues.Count + Workflows.Count + Settlements.Count + GiveBacks.Count;

        public bool IsEmpty => Enqueues.Count + Workflows.Count + Settlements.Count + GiveBacks.Count + Notes.Count + Claims.Count == 0;

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
}
