using System.Diagnostics;
using Simmer.Jobs;

namespace Simmer.AfterResponse;

/// <summary>Submits each task at once, as a batch of its own.</summary>
internal sealed class BackgroundTaskQueue(IAfterResponseQueue engine) : IBackgroundTaskQueue
{
    public void Enqueue(Func<IServiceProvider, CancellationToken, Task> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!engine.TryReserve())
        {
            throw new QueueFullException(QueueNames.AfterResponse, engine.Capacity);
        }

        var batch = new AfterResponseBatch { Origin = Activity.Current };
        batch.Add(new AfterResponseTask(
            task,
            null,
            static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
                ((Func<IServiceProvider, CancellationToken, Task>)t.Work!)(services, cancellationToken),
            TaskTraits.UsesServices));
        engine.Submit(batch);
    }
}
