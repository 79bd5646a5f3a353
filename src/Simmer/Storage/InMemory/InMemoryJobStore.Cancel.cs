namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, TimeSpan keepFor,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        lock (_lock)
        {
            var reports = StoreRules.Each(ids, id => Cancel(id, reason, keepFor, now));
            _ = Follow(now);
            return new(reports);
        }
    }

    private CancelReport Cancel(JobId id, string? reason, TimeSpan keepFor, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var row))
        {
            return new CancelReport(CancelResult.NotFound);
        }

        if (row.State.IsFinal())
        {
            return new CancelReport(CancelResult.AlreadyFinished);
        }

        if (row.Owner is not { } owner)
        {
            Finish(row, JobState.Cancelled, reason, keepFor, now);
            return new CancelReport(CancelResult.Cancelled);
        }

        // The first cancelReason stands: a second one changes nothing.
        if (!row.CancelRequested)
        {
            row.CancelRequested = true;
            row.Details.CancelReason = reason;
            row.Version++;
        }

        return new CancelReport(CancelResult.Requested, owner.Id, row.Run);
    }
}
