namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            List<JobId> expired = [];
            while (expired.Count < limit && _expiring.Min is { } row && row.Job.ExpiresFrom(row.EnqueuedAt) <= now)
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

            while (expired.Count + deleted < limit && _ended.TryPeek(out var workflow, out var end) && end <= now)
            {
                _ = _ended.Dequeue();
                if (workflow.State != WorkflowState.Running && workflow.KeepUntil == end && _workflows
                    .GetValueOrDefault(workflow.Id) == workflow)
                {
                    deleted += workflow.Steps.Count;
                    Forget(workflow);
                }
            }

            return new(new PruneReport(deleted, expired, expired.Count + deleted >= limit, Follow(now)));
        }
    }
}
