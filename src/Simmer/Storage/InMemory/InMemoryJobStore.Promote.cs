namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var count = 0;
            List<string> queues = [];
            while (count < limit && _scheduled.Min is { } row && row.DueAt <= now)
            {
                Move(row, JobState.Ready);
                count++;
                if (!queues.Contains(row.Engine.Name))
                {
                    queues.Add(row.Engine.Name);
                }
            }

            return new(new PromoteReport(count, queues, NextDue));
        }
    }
}
