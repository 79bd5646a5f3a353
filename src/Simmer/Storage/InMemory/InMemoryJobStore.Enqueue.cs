namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <summary>Stores jobs; without a worker nothing is dispatched.</summary>
    private EnqueueReport[] Enqueue(IReadOnlyList<EnqueueRequest> requests, WorkerRow? worker, DateTimeOffset now)
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
            reports[i] = WhyRefused(requests[i], refused) is { } error
                ? new EnqueueReport(EnqueueStatus.Refused, requests[i].Job.Id, JobState.Unknown, new StoreException(error))
                : Enqueue(requests[i], worker, now);
        }

        return reports;
    }

    private EnqueueReport Enqueue(EnqueueRequest request, WorkerRow? worker, DateTimeOffset now)
    {
        var job = request.Job;
        if (_jobs.TryGetValue(job.Id, out var same))
        {
            return new EnqueueReport(EnqueueStatus.Duplicate, same.Id,
                same.State) { HasOtherPayload = job.IdGiven && !job.Payload.Span.SequenceEqual(same.Job.Payload.Span) };
        }

        if (job.UniqueKey is { } key && _keys.TryGetValue((job.Kind, key), out var holder))
        {
            return new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, holder.State);
        }

        var row = new JobRow(job, QueueOf(job.Queue), now) { Sequence = ++_lastSequence };
        _jobs.Add(job.Id, row);
        if (job.UniqueKey is { } free)
        {
            _keys.Add((job.Kind, free), row);
        }

        if (job.DueFrom(now) is { } due)
        {
            row.DueAt = due;
            Move(row, JobState.Scheduled);
        }
        else if (request.Dispatch && worker is not null && MayDispatch(row, now))
        {
            Start(row, worker, now);
            return new EnqueueReport(EnqueueStatus.Dispatched, job.Id, JobState.Running);
        }
        else
        {
            Move(row, JobState.Ready);
        }

        return new EnqueueReport(EnqueueStatus.Stored, job.Id, row.State);
    }

    /// <summary>Starting it here must not overtake anybody; a ready job before it counts whoever could run it.</summary>
    private static bool MayDispatch(JobRow row, DateTimeOffset now) =>
        !row.Engine.Paused && row.Job.UniqueKey is null && !row.IsExpired(now) && !row.Engine.HasReadyBefore(row.Job.Priority);

    private HashSet<int>? RefusedGroups(IReadOnlyList<EnqueueRequest> requests)
    {
        HashSet<int>? refused = null;
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Group > 0 && WhyRefused(requests[i].Job) is not null)
            {
                _ = (refused ??= []).Add(requests[i].Group);
            }
        }

        return refused;
    }

    private string? WhyRefused(JobDraft job) => StoreRules.WhyRefused(job) ?? (job.IdGiven ? WhyTaken(job) : null);

    /// <summary>Why a job cannot have the id that its caller gave it: another has it.</summary>
    private string? WhyTaken(JobDraft job) =>
        _jobs.TryGetValue(job.Id, out var present) ? StoreRules.WhyTaken(job, present.Job.Kind, present.Job.Step is not null)
        : _workflows.ContainsKey(WorkflowId.OfStep(job.Id)) ? StoreRules.WhyOfWorkflow(job.Id)
        : null;

    private string? WhyRefused(EnqueueRequest request, HashSet<int>? refused) =>
        WhyRefused(request.Job)
        ?? (refused is not null && refused.Contains(request.Group) ? StoreRules.RefusedWithAnother : null);
}
