namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            return new(StoreRules.Each(ids, id => Retry(id, now)));
        }
    }

    private RetryResult Retry(JobId id, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var row))
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        if (row.Detail?.Step is not null)
        {
            return Retry(new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        if (!row.State.CanRetry())
        {
            return new RetryResult(RetryStatus.NotRetryable, row.State);
        }

        if (row.UniqueKey is { } key && !_keys.TryAdd((row.Job.Kind, key), row))
        {
            return new RetryResult(RetryStatus.Conflict, row.State, _keys[(row.Job.Kind, key)].Id);
        }

        Refresh(row);
        Move(row, JobState.Ready);
        return new RetryResult(RetryStatus.Retried, JobState.Ready);
    }

    private void Refresh(JobRow row)
    {
        // Runs go on counting, or a lost worker's token could become valid again; the fresh attempts come from forgiving all of them.
        row.Forgiven = row.Run;
        row.Suspicion = 0;
        row.NeverExpires = true;
        row.Sequence = ++_lastSequence;
        var details = row.Details;
        (details.FinishedAt, details.Reason, details.Result, details.ResultItem) = (null, null, null, null);
    }
}
