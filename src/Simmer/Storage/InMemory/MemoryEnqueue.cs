using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Stores jobs, and answers for those that are stored already.</summary>
internal sealed class MemoryEnqueue(MemoryTables tables, RunStart start)
{
    /// <summary>Stores jobs; without a worker nothing is dispatched.</summary>
    public EnqueueReport[] Store(IReadOnlyList<EnqueueRequest> requests, WorkerRow? worker, DateTimeOffset now)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        // Before anything is stored, because the last of a group may be the one that is refused.
        var refused = RefusedGroups(requests);
        var reports = new EnqueueReport[requests.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Store(requests[i], refused, worker, now);
        }

        return reports;
    }

    /// <summary>The answer to an enqueue of a flush that had been carried out.</summary>
    /// <param name="request">The enqueue.</param>
    /// <param name="worker">The worker that repeats the flush; <see langword="null"/>: it is gone.</param>
    public EnqueueReport Remember(EnqueueRequest request, WorkerRow? worker) =>
        RepeatAnswer.ToEnqueue(request, WhyTaken(request.Job), Found(request.Job.Id), Holder(request.Job), worker?.Id ?? default);

    /// <summary>What has the id of a job.</summary>
    public FoundJob Found(JobId id) =>
        tables.Jobs.TryGetValue(id, out var row) ? new FoundJob(row.State, row.Run, row.Owner?.Id ?? default) : default;

    private EnqueueReport Store(in EnqueueRequest request, HashSet<int>? refused, WorkerRow? worker, DateTimeOffset now)
    {
        var job = request.Job;
        if ((StoreRules.WhyRefused(job) ?? WhyTaken(job) ?? EnqueueGroups.WhyRefused(request, refused)) is { } why)
        {
            return RepeatAnswer.Refused(job, why);
        }

        if (tables.Jobs.TryGetValue(job.Id, out var same))
        {
            return RepeatAnswer.ToTakenId(job, same.Job.Kind, same.Step is not null, same.State,
                hasOtherPayload: job.IdGiven && !job.Payload.Span.SequenceEqual(same.Job.Payload.Span));
        }

        if (Holder(job) is var (holder, state))
        {
            return RepeatAnswer.ToHeldKey(holder, state);
        }

        return Store(job, request.Dispatch ? worker : null, now);
    }

    private EnqueueReport Store(JobDraft job, WorkerRow? dispatchTo, DateTimeOffset now)
    {
        var row = tables.Add(job, now);
        if (job.UniqueKey is { } key)
        {
            tables.Keys.Add((job.Kind, key), row);
        }

        if (job.DueFrom(now) is { } due)
        {
            row.DueAt = due;
            tables.Move(row, JobState.Scheduled);
        }
        else if (dispatchTo is not null && start.TryDispatch(row, dispatchTo, now))
        {
            return new EnqueueReport(EnqueueStatus.Dispatched, job.Id, JobState.Running);
        }
        else
        {
            tables.Move(row, JobState.Ready);
        }

        return new EnqueueReport(EnqueueStatus.Stored, job.Id, row.State);
    }

    private HashSet<int>? RefusedGroups(IReadOnlyList<EnqueueRequest> requests)
    {
        var refused = EnqueueGroups.RefusedByRules(requests);
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Group > 0 && WhyTaken(requests[i].Job) is not null)
            {
                EnqueueGroups.Refuse(ref refused, requests[i].Group);
            }
        }

        return refused;
    }

    /// <summary>Why a job cannot have the id that its caller gave it: another has it, or a workflow. <see langword="null"/>: it
    /// can.</summary>
    private string? WhyTaken(JobDraft job) =>
        !job.IdGiven ? null
        : tables.Jobs.TryGetValue(job.Id, out var present) ? StoreRules.WhyTaken(job, present.Job.Kind, present.Step is not null)
        : tables.Workflows.ContainsKey(WorkflowId.OfStep(job.Id)) ? StoreRules.WhyOfWorkflow(job.Id)
        : null;

    private (JobId Id, JobState State)? Holder(JobDraft job) =>
        job.UniqueKey is { } key && tables.Keys.TryGetValue((job.Kind, key), out var holder) ? (holder.Id, holder.State) : null;
}
