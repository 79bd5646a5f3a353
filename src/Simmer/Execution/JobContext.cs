using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Execution;

namespace Simmer;

/// <summary>One attempt of a job, as its handler sees it.</summary>
public sealed class JobContext
{
    private readonly JobRun _run;
    private List<object>? _disposables;
    private ILogger? _logger;

    internal JobContext(JobRun run, IServiceProvider services) => (_run, Services) = (run, services);

    /// <summary>The job's id.</summary>
    public JobId Id => _run.Claim.Job.Id;

    /// <summary>The kind's stable name.</summary>
    public string Kind => _run.Claim.Job.Kind;

    /// <summary>The queue.</summary>
    public string Queue => _run.Claim.Job.Queue;

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt => _run.Claim.Attempt;

    /// <summary>How many attempts count before the job is failed.</summary>
    public int MaxAttempts => _run.Claim.Job.MaxAttempts;

    /// <summary>The same for all attempts of this job and different from every other job's: give it to services that deduplicate by such a key.</summary>
    public string IdempotencyKey => Id.ToString();

    /// <summary>When the job was stored.</summary>
    public DateTimeOffset EnqueuedAt => _run.Claim.EnqueuedAt;

    /// <summary>Its labels.</summary>
    public IReadOnlyList<string> Tags => _run.Claim.Job.Tags;

    /// <summary>The attempt's DI scope.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Tells those who watch how far it is.</summary>
    public JobProgress Progress => _run.Progress;

    /// <summary>Cancelled at the time limit, on cancel, on shutdown and when the lease is lost: the token the handler got.</summary>
    public CancellationToken CancellationToken => _run.CancellationToken;

    /// <summary>Logs under the job's kind, in a scope with its id, kind, queue and attempt.</summary>
    public ILogger Logger => _logger ??= (Services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("Simmer.Jobs." + Kind);

    /// <summary>Releases something when the attempt ends, however it ends; last registered, first released.</summary>
    /// <param name="disposable">What to release.</param>
    /// <returns>The same object.</returns>
    /// <typeparam name="T">Its type.</typeparam>
    public T DisposeAtEnd<T>(T disposable)
        where T : class
    {
        if (disposable is not (IDisposable or IAsyncDisposable))
        {
            throw new ArgumentException($"A {disposable?.GetType().Name ?? "null"} cannot be released: it is neither IDisposable nor IAsyncDisposable.", nameof(disposable));
        }

        (_disposables ??= []).Add(disposable);
        return disposable;
    }

    internal ValueTask DisposeRegisteredAsync() => _disposables is null ? ValueTask.CompletedTask : DisposeAllAsync(_disposables);

    private static async ValueTask DisposeAllAsync(List<object> disposables)
    {
        while (disposables.Count > 0)
        {
            var last = disposables[^1];
            disposables.RemoveAt(disposables.Count - 1);
            if (last is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                ((IDisposable)last).Dispose();
            }
        }
    }
}
