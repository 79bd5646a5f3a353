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

        var refused = EnqueueGroups.RefusedByRules(requests);
        var reports = new EnqueueReport[requests.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            // Before anything of a call is stored, because its last job may be the one that is refused; and not earlier, because an earlier
            // call of the flush may take an id.
            if (requests[i].Group > 0 && (i == 0 || requests[i - 1].Group != requests[i].Group) && HasTakenId(requests, i))
            {
                EnqueueGroups.Refuse(ref refused, requests[i].Group);
            }

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

    /// <summary>Whether a job of a call cannot have the id that its caller gave it: something stored has it, or an earlier job of the
    /// call.</summary>
    /// <param name="requests">The enqueues of the flush, the jobs of a call side by side.</param>
    /// <param name="first">The first job of the call.</param>
    private bool HasTakenId(IReadOnlyList<EnqueueRequest> requests, int first)
    {
        Dictionary<JobId, string>? kinds = null;
        for (var i = first; i < requests.Count && requests[i].Group == requests[first].Group; i++)
        {
            var job = requests[i].Job;
            if (!job.IdGiven)
            {
                continue;
            }

            kinds ??= [];
            if (WhyTaken(job) is not null
                || (!kinds.TryAdd(job.Id, job.Kind) && StoreRules.WhyTaken(job, kinds[job.Id], isStep: false) is not null))
            {
                return true;
            }
        }

        return false;
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
