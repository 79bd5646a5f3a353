namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            var deleted = 0;
            foreach (var id in ids)
            {
                if (_jobs.TryGetValue(id, out var row) && row.Owner is null && row.Detail?.Step is null)
                {
                    ReleaseKey(row);
                    Forget(row);
                    deleted++;
                }
            }

            return new(deleted);
        }
    }
}
