using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>What people do to jobs by hand.</summary>
internal sealed class MemoryOperators(MemoryTables tables, JobEnds ends, FollowUp follow, MemoryWorkflowOperators workflows)
{
    public CancelReport[] Cancel(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now)
    {
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        var reports = StoreRules.Each(ids, id => tables.Jobs.TryGetValue(id, out var row)
            ? ends.Cancel(row, reason, now)
            : new CancelReport(CancelDecision.For(JobState.Unknown)));
        _ = follow.Run(now);
        return reports;
    }

    public RetryResult[] Retry(IReadOnlyList<JobId> ids, DateTimeOffset now) => StoreRules.Each(ids, id => Retry(id, now));

    public int Delete(IReadOnlyList<JobId> ids)
    {
        var deleted = 0;
        foreach (var id in ids)
        {
            if (tables.Jobs.TryGetValue(id, out var row) && row.Owner is null && row.Step is null)
            {
                tables.ReleaseKey(row);
                tables.Forget(row);
                deleted++;
            }
        }

        return deleted;
    }

    private RetryResult Retry(JobId id, DateTimeOffset now)
    {
        if (tables.Jobs.TryGetValue(id, out var row) && row.Step is not null)
        {
            return workflows.Retry(new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        var state = row?.State ?? JobState.Unknown;
        var status = RetryDecision.For(state);
        if (status != RetryStatus.Retried)
        {
            return new RetryResult(status, state);
        }

        if (row!.UniqueKey is { } key && !tables.Keys.TryAdd((row.Job.Kind, key), row))
        {
            return new RetryResult(RetryStatus.Conflict, state, tables.Keys[(row.Job.Kind, key)].Id);
        }

        row.Refresh(tables.NextSequence());
        tables.Move(row, JobState.Ready);
        return new RetryResult(RetryStatus.Retried, JobState.Ready);
    }
}
