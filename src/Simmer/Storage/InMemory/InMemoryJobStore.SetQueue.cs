namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask SetQueueAsync(string queue, bool paused, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            QueueOf(queue).Paused = paused;
            return ValueTask.CompletedTask;
        }
    }
}
