using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.Runtime;

namespace Simmer.AfterResponse;

/// <summary>The tasks of one request, in order. Together they are one in-memory job, which one owner fills and which then runs
/// once.</summary>
internal sealed class AfterResponseBatch : IJob
{
    // An array and not a list: most requests add one task, for which a list would cost as much again as the task itself.
    private AfterResponseTask[] _tasks = new AfterResponseTask[1];

    public int Count { get; private set; }

    /// <summary>Whether a task that throws keeps the later ones from running.</summary>
    public bool StopOnFailure { get; set; }

    /// <summary>The request's method, if there was a request.</summary>
    public string? Method { get; init; }

    /// <summary>The request's path, if there was a request.</summary>
    public string? Path { get; init; }

    /// <summary>The endpoint that answered, by its pattern; null: there was none.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The activity that was current when the first task was added; the trace of the tasks continues it.</summary>
    public Activity? Origin { get; init; }

    /// <summary>The names of the tasks, for logs.</summary>
    public IReadOnlyList<string> Names => NamesOf(0, Count);

    /// <summary>The typed jobs that the tasks are to enqueue. A shutdown that comes before the tasks run saves them.</summary>
    public IEnumerable<EnqueueCommand> Jobs => _tasks.Take(Count).Select(static t => t.Argument).OfType<EnqueueCommand>();

    /// <summary>The names of the other tasks, which live in this process only.</summary>
    public IEnumerable<string> DelegateNames =>
        _tasks.Take(Count).Where(static t => t.Argument is not EnqueueCommand).Select(static t => t.Name);

    public void Add(in AfterResponseTask task)
    {
        if (Count == _tasks.Length)
        {
            Array.Resize(ref _tasks, Count * 4);
        }

        _tasks[Count++] = task;
    }

    /// <summary>Runs the tasks one after another, each in its own DI scope. It is called on a thread of the pool. When it is told to stop,
    /// it logs the names of the tasks that have not ended and returns: if it threw, the engine would report the whole batch as
    /// lost.</summary>
    public async Task RunAsync(IServiceScopeFactory scopes, JobContext context, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Count; i++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await SaveJobsAsync(i, scopes, context);
                return;
            }

            // The run starts on a thread of the pool, but an await may have continued on another one: on a request's thread, for example,
            // if that request completed what the task had waited for. A synchronous task must not block it.
            if (i > 0 && _tasks[i].IsSynchronous)
            {
                await Task.Yield();
            }

            var end = await RunAsync(i, scopes, context, cancellationToken);
            if (end == TaskEnd.Interrupted)
            {
                await SaveJobsAsync(i, scopes, context);
                return;
            }

            if (end == TaskEnd.Failed && StopOnFailure)
            {
                context.Logger.TasksSkipped(this, i);
                return;
            }
        }
    }

    public IReadOnlyList<string> NamesOf(int start, int end) => [.. _tasks[start..end].Select(static t => t.Name)];

    /// <summary>Logs that the engine could not take the batch.</summary>
    public void Lost(ILogger logger, Exception error) => logger.BatchRefused(error, this);

    private async ValueTask<TaskEnd> RunAsync(int index, IServiceScopeFactory scopes, JobContext context,
        CancellationToken cancellationToken)
    {
        try
        {
            var before = SynchronizationContext.Current;
            Task task;
            try
            {
                task = _tasks[index].UsesServices
                    ? RunInScopeAsync(index, scopes, context, cancellationToken)
                    : _tasks[index].RunAsync(context.Services, cancellationToken);
            }
            finally
            {
                CallerContext.Return(before);
            }

            await task;
            return TaskEnd.Succeeded;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return TaskEnd.Interrupted;
        }
        catch (Exception e)
        {
            context.Logger.TaskFailed(e, this, index);
            context.Services.GetService<IAfterResponseQueue>()?.TaskFailed();
            return TaskEnd.Failed;
        }
    }

    // On shutdown the typed jobs are still enqueued: it takes no time, a durable store keeps them, and jobs in memory are spilled into it
    // if there is one.
    private async Task SaveJobsAsync(int from, IServiceScopeFactory scopes, JobContext context)
    {
        var rest = Enumerable.Range(from, Count - from).ToLookup(i => !StopOnFailure && _tasks[i].Argument is EnqueueCommand);
        foreach (var job in rest[true])
        {
            await RunAsync(job, scopes, context, CancellationToken.None);
        }

        var lost = rest[false].Select(i => _tasks[i].Name).ToList();
        if (lost.Count > 0)
        {
            context.Logger.TasksLost(this, lost);
        }
    }

    private async Task RunInScopeAsync(int index, IServiceScopeFactory scopes, JobContext context, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            var before = SynchronizationContext.Current;
            Task task;
            try
            {
                task = _tasks[index].RunAsync(scope.ServiceProvider, cancellationToken);
            }
            finally
            {
                CallerContext.Return(before);
            }

            await task;
        }
        finally
        {
            try
            {
                await scope.DisposeAsync();
            }
            catch (Exception e)
            {
                // Only logged: either the task's work is done, or the exception of the task itself says more.
                context.Logger.TaskScopeFailed(e, this, index);
            }
        }
    }

    private enum TaskEnd
    {
        Succeeded,
        Failed,
        Interrupted,
    }
}
