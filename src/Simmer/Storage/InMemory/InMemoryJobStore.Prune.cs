namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            List<JobId> expired = [];
            while (expired.Count < limit && _expiring.Min is { } row && row.Job.ExpiresAt <= now)
            {
                Expire(row, now);
                expired.Add(row.Id);
            }

            var deleted = 0;
            while (expired.Count + deleted < limit && _finished.TryPeek(out var row, out var until) && until <= now)
            {
                _ = _finished.Dequeue();
                if (row.State.IsFinal() && row.Detail!.KeepUntil == until)
                {
                    Forget(row);
                    deleted++;
                }
            }

            return new(new PruneReport(deleted, expired, expired.Count + deleted >= limit));
        }
    }
}
