using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;
using Simmer.Jobs;

namespace Simmer;

/// <summary>Tasks that run in this process after the response, in the order in which they were added. A scoped service: one object for an
/// endpoint, its filters and the scoped services of one request.</summary>
/// <remarks>
/// <para>They start when the last byte of the response was handed to the server, and only if the request neither threw nor answered with
/// 400 or above (see <see cref="RunWhen"/>). A client that leaves does not stop them. Each has its own DI scope, from which the delegate's
/// parameters come; a task that throws is logged and the next one still runs (see <see cref="StopOnFailure"/>). They run at most once: what
/// must not be lost belongs into a durable queue (<see cref="IJobClient"/>).</para>
/// <para>In a scope without a request (a hub, a hosted service) they start when the scope is disposed; <see cref="IBackgroundTaskQueue"/>
/// starts a task at once.</para>
/// <para>Do not capture what belongs to the request (a <c>DbContext</c>, the <c>HttpContext</c>): it is gone when the task runs. Take
/// services as parameters.</para>
/// </remarks>
public sealed partial class BackgroundTasks : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IAfterResponseQueue _queue;
    private readonly IResponseSignal? _signal;
    private AfterResponseBatch? _batch;
    private bool _waitsForResponse;
    private bool _completed;
    private string? _whyClosed;

    internal BackgroundTasks(IAfterResponseQueue engine, IResponseSignal? signal) => (_queue, _signal) = (engine, signal);

    /// <summary>How many tasks were added.</summary>
    public int Count => _batch?.Count ?? 0;

    /// <summary>Whether a task that throws keeps the later ones of this request from running.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool StopOnFailure { get; set; }

    /// <summary>Which answers let the tasks of this request run.</summary>
    /// <value>Default: <see cref="RunWhen.Success"/>.</value>
    public RunWhen RunWhen { get; set; }

    /// <summary>Enqueues a typed job after the response, in its turn among the tasks.</summary>
    /// <param name="job">The job; checked now, so that a mistake still fails the request.</param>
    /// <param name="options">How to enqueue it; <see langword="null"/>: with the defaults of its kind.</param>
    /// <exception cref="InvalidOperationException">The job's kind is not registered, its queue is not declared, or the tasks were handed
    /// over already.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the payload is over the limit.</exception>
    /// <exception cref="QueueFullException">The queue of after-response tasks is full.</exception>
    public void Enqueue(IJob job, EnqueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        _queue.Check(job, options);
        Add(new AfterResponseTask(
            null,
            new EnqueueCommand(job, options),
            static (in AfterResponseTask task, IServiceProvider services, CancellationToken cancellationToken) =>
            {
                var command = (EnqueueCommand)task.Argument!;
                return services.GetRequiredService<IJobClient>().EnqueueAsync(command.Job, command.Options, cancellationToken);
            },
            TaskTraits.UsesServices));
    }

    /// <summary>Ends the scope. Tasks that wait for no response start now.</summary>
    public void Dispose()
    {
        if (!_waitsForResponse)
        {
            Complete(failure: null);
        }

        lock (_gate)
        {
            // Code that keeps the object after its scope gets an exception with this reason.
            _whyClosed ??= "their scope was disposed";
        }
    }

    /// <inheritdoc cref="Dispose"/>
    /// <returns>A finished task: the tasks are not waited for.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Hands the tasks over to the queue, or drops them. Called when the response was sent, or when the scope ends without one.
    /// Returns at once and never throws.</summary>
    /// <param name="failure">How the request failed, such as <c>was answered 404</c>; null: it did not.</param>
    internal void Complete(string? failure)
    {
        AfterResponseBatch? batch;
        lock (_gate)
        {
            batch = _batch;
            if (batch is null || _completed)
            {
                return;
            }

            _completed = true;
            _whyClosed ??= "they were handed over when the response was sent or the scope ended";
        }

        if (failure is not null && RunWhen != RunWhen.Always)
        {
            _queue.Drop(batch, failure);
            return;
        }

        batch.StopOnFailure = StopOnFailure;
        _queue.Submit(batch);
    }

    private void Add(Delegate work, TaskCall call, TaskTraits traits)
    {
        ArgumentNullException.ThrowIfNull(work);
        if ((traits & TaskTraits.UsesServices) != 0)
        {
            _queue.Check(work, takesArgument: false);
        }

        Add(new AfterResponseTask(work, null, call, traits));
    }

    private void Add(Delegate work, TaskCall call, TaskTraits traits, object? argument)
    {
        ArgumentNullException.ThrowIfNull(work);
        if ((traits & TaskTraits.UsesServices) != 0)
        {
            _queue.Check(work, takesArgument: true);
        }

        Add(new AfterResponseTask(work, argument, call, traits));
    }

    private void Add(in AfterResponseTask task)
    {
        lock (_gate)
        {
            if (_whyClosed is not null)
            {
                throw new InvalidOperationException(
                    $"Task {task.Name} came too late for these BackgroundTasks: {_whyClosed}. Add tasks before the request ends; after "
                        + "it, IBackgroundTaskQueue.Enqueue starts one at once.");
            }

            (_batch ??= Begin()).Add(task);
        }
    }

    // The place in the queue is taken with the first task and not at the end, so that the request can still be answered with an error when
    // the queue is full.
    private AfterResponseBatch Begin()
    {
        if (!_queue.TryReserve())
        {
            throw new QueueFullException(QueueNames.AfterResponse, _queue.Capacity);
        }

        try
        {
            var batch = _signal?.Register(this);
            _waitsForResponse = batch is not null;
            return batch ?? new AfterResponseBatch { Origin = Activity.Current };
        }
        catch
        {
            _queue.Release();
            throw;
        }
    }
}
