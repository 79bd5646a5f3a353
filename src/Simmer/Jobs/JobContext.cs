using System.Data.Common;
using Microsoft.Extensions.Logging;
using Simmer.Jobs;
using Simmer.Runtime;

namespace Simmer;

/// <summary>One attempt of a job, as its handler sees it.</summary>
public sealed class JobContext
{
    private readonly JobAttempt _attempt;
    private List<object>? _disposables;
    private ILogger? _logger;
    private IStepResults? _results;

    internal JobContext(JobAttempt attempt, IServiceProvider services) => (_attempt, Services) = (attempt, services);

    /// <summary>The job's id.</summary>
    public JobId Id => _attempt.Id;

    /// <summary>The kind's stable name.</summary>
    public string Kind => _attempt.KindName;

    /// <summary>The queue.</summary>
    public string Queue => _attempt.Queue;

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt => _attempt.Attempt;

    /// <summary>How many attempts count before the job is failed.</summary>
    public int MaxAttempts => _attempt.MaxAttempts;

    /// <summary>The same for all attempts of this job and different from every other job's: give it to services that deduplicate by such a
    /// key.</summary>
    public string IdempotencyKey => Id.ToString();

    /// <summary>When the job was stored.</summary>
    public DateTimeOffset EnqueuedAt => _attempt.EnqueuedAt;

    /// <summary>Its labels.</summary>
    public IReadOnlyList<string> Tags => _attempt.Tags;

    /// <summary>The attempt's DI scope.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Reports the job's progress.</summary>
    public JobProgress Progress => _attempt.Progress;

    /// <summary>Cancelled at the time limit, on cancel, on shutdown and when the lease is lost: the token the handler got.</summary>
    public CancellationToken CancellationToken => _attempt.CancellationToken;

    /// <summary>Logs under the job's kind, in a scope with its id, kind, queue and attempt. A log provider that throws does not fail the
    /// attempt.</summary>
    public ILogger Logger => _logger ??= _attempt.LoggerFor(Services, "Simmer.Jobs." + Kind);

    /// <summary>The workflow of which the job is a step; <see langword="null"/>: it is no step.</summary>
    public WorkflowId? Workflow => _attempt.Workflow;

    /// <summary>The step's name in its workflow; <see langword="null"/>: the job is no step.</summary>
    public string? StepName => _attempt.StepName;

    /// <summary>The result of an earlier step.</summary>
    /// <typeparam name="TResult">What that step's job gives.</typeparam>
    /// <param name="step">The step's name; <see langword="null"/>: the nearest step before this one that gives a
    /// <typeparamref name="TResult"/>. By type it is found at once; for a name all steps are looked through.</param>
    /// <returns>The result.</returns>
    /// <exception cref="InvalidOperationException">The job is no step, there is no such step, or it gave no such result. Not caught, it
    /// makes this step fail without another attempt.</exception>
    public async Task<TResult> ResultAsync<TResult>(string? step = null)
    {
        CallerContext.Leave();
        var (results, input) = InputOf<TResult>(isList: false);
        return (TResult)(step is null ? await results.TakeAsync(input) : (await results.NamedAsync(input, step, required: true))!);
    }

    /// <summary>The result of an earlier step that may have failed or been skipped.</summary>
    /// <typeparam name="TResult">What that step's job gives.</typeparam>
    /// <param name="step">The step's name.</param>
    /// <returns>The result; the default value if the step gave none.</returns>
    /// <exception cref="InvalidOperationException">The job is no step, or there is no such step that gives a
    /// <typeparamref name="TResult"/>.</exception>
    public async Task<TResult?> ResultOrDefaultAsync<TResult>(string step)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(step);
        var (results, input) = InputOf<TResult>(isList: false);
        return (TResult?)await results.NamedAsync(input, step, required: false);
    }

    /// <summary>The results of the nearest group before this step whose members give a <typeparamref name="TResult"/>, in the order in
    /// which the members were added; those of steps that were added at run time after those of the step that added them. A member that did
    /// not succeed has none.</summary>
    /// <typeparam name="TResult">What each member's job gives.</typeparam>
    /// <returns>The results.</returns>
    /// <exception cref="InvalidOperationException">The job is no step.</exception>
    public async Task<IReadOnlyList<TResult>> ResultsAsync<TResult>()
    {
        CallerContext.Leave();
        var (results, input) = InputOf<TResult>(isList: true);
        return (IReadOnlyList<TResult>)await results.TakeAsync(input);
    }

    /// <summary>Adds a step to the workflow. It is stored, and may start, when this step succeeds; an attempt that fails adds nothing. It
    /// may take this step's result, and the steps that wait for this one wait for it as well. Its name is this step's, a slash, its
    /// kind and a number.</summary>
    /// <param name="job">What it does.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The step, to let it wait for others that are added by this attempt.</returns>
    /// <exception cref="InvalidOperationException">The job is no step of a workflow, or its kind is not registered.</exception>
    /// <remarks>Other mistakes (a circle, a queue in another store, an option out of range) are reported when the handler returns, and fail
    /// the attempt. A step that succeeds after the cancel of its workflow adds nothing.</remarks>
    public Step AddStep(IJob job, EnqueueOptions? options = null) =>
        AddedSteps.Add((full, element) => new Step(this, full, element), null, job, options);

    /// <inheritdoc cref="AddStep(IJob, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Step<TResult> AddStep<TResult>(IJob<TResult> job, EnqueueOptions? options = null) =>
        AddedSteps.Add((full, element) => new Step<TResult>(this, full, element), null, job, options);

    /// <summary>Adds a step to the workflow. It is stored, and may start, when this step succeeds; an attempt that fails adds nothing. It
    /// may take this step's result, and the steps that wait for this one wait for it as well.</summary>
    /// <param name="name">Its name, after this step's and a slash: 1 to 200 characters without control characters.</param>
    /// <param name="job">What it does.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The step, to let it wait for others that are added by this attempt.</returns>
    /// <exception cref="InvalidOperationException">The job is no step of a workflow, or its kind is not registered.</exception>
    /// <exception cref="ArgumentException">The name is none, or two steps added by this attempt have it.</exception>
    /// <remarks>Other mistakes (a circle, a queue in another store, an option out of range) are reported when the handler returns, and fail
    /// the attempt. A step that succeeds after the cancel of its workflow adds nothing.</remarks>
    public Step AddStep(string name, IJob job, EnqueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AddedSteps.Add((full, element) => new Step(this, full, element), name, job, options);
    }

    /// <inheritdoc cref="AddStep(string, IJob, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Step<TResult> AddStep<TResult>(string name, IJob<TResult> job, EnqueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AddedSteps.Add((full, element) => new Step<TResult>(this, full, element), name, job, options);
    }

    /// <summary>Completes the job inside the handler's own transaction on the database that holds the jobs: what the transaction writes and
    /// the job's success are one commit, so that the effect happens exactly once.</summary>
    /// <param name="transaction">An open transaction, to be committed before the handler returns.</param>
    /// <param name="cancellationToken">Gives up; the job is not completed then.</param>
    /// <returns>A task that ends when the success is written. It takes effect with the commit.</returns>
    /// <exception cref="LeaseLostException">This run does not have the job any more. The transaction was rolled back, so that it cannot be
    /// committed.</exception>
    /// <exception cref="InvalidOperationException">The job promises a result and none is given; it is in memory; the transaction has ended,
    /// belongs to another database, or has completed the job already; the attempt has ended; the steps that it added cannot be
    /// stored.</exception>
    /// <exception cref="StoreException">The database could not do it; nothing was written. Also in a transaction with a snapshot,
    /// if the job's cancel was asked for since, or another step of its workflow has ended: not caught, the job is then cancelled or run
    /// again at once, without spending an attempt.</exception>
    /// <remarks>
    /// <para>Call it last, just before the commit: from here on the transaction holds the job (on SQLite, like every transaction that has
    /// written, the whole file), and whoever wants it waits. Steps are added before it; progress that is reported after it is not
    /// stored.</para>
    /// <para>With the commit the job has succeeded, whatever its handler does then: what it returns is ignored, what it throws is logged.
    /// If it returns and the transaction was rolled back or is still open, the attempt has failed. Within an attempt, a transaction that
    /// was rolled back may be repeated by another one, with another call.</para>
    /// </remarks>
    public Task CompleteWithinAsync(DbTransaction transaction, CancellationToken cancellationToken = default) =>
        CompleteAsync(transaction, _attempt.Kind!.Success(), cancellationToken);

    /// <inheritdoc cref="CompleteWithinAsync(DbTransaction, CancellationToken)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="transaction">An open transaction, to be committed before the handler returns.</param>
    /// <param name="result">What the handler would return: the job's result, or a <see cref="JobVerdict"/> that says which branch goes on.
    /// It counts in place of what the handler returns.</param>
    /// <param name="cancellationToken">Gives up; the job is not completed then.</param>
    /// <exception cref="ArgumentException">The result is not what the job promises, or a verdict other than success.</exception>
    public Task CompleteWithinAsync<TResult>(DbTransaction transaction, TResult result, CancellationToken cancellationToken = default) =>
        CompleteAsync(transaction, _attempt.Kind!.Success(result), cancellationToken);

    /// <summary>The results of earlier steps that the handler takes as parameters.</summary>
    internal IReadOnlyList<object> Inputs { get; set; } = [];

    internal IAddedSteps? Added { get; private set; }

    internal IJobCompletion? Completion { get; private set; }

    private Task CompleteAsync(DbTransaction transaction, HandlerAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return (Completion ??= _attempt.Complete(this)).WriteAsync(transaction, answer, cancellationToken);
    }

    internal IStepResults Results => _results ??= _attempt.TakeResults();

    private IAddedSteps AddedSteps => Completion is { IsWritten: true }
        ? throw new InvalidOperationException(
            $"Job {Id} ({Kind}) adds a step after it was completed with CompleteWithinAsync, which stores what was added before. Add the "
            + "step first.")
        : Added ??= _attempt.AddSteps();

    private (IStepResults Results, StepInput Input) InputOf<TResult>(bool isList) =>
        _attempt.Catalog.ResultOf(typeof(TResult)) is { } adapter
        ? (Results, new StepInput(adapter, isList))
        : throw new InvalidOperationException(
            $"No job is registered here that gives {TypeNames.An(typeof(TResult))}; register the one whose result is wanted with "
            + "AddJob.");

    /// <summary>Releases something when the attempt ends, however it ends; last registered, first released.</summary>
    /// <param name="disposable">What to release.</param>
    /// <returns>The same object.</returns>
    /// <typeparam name="T">Its type.</typeparam>
    public T DisposeAtEnd<T>(T disposable)
        where T : class
    {
        if (disposable is not (IDisposable or IAsyncDisposable))
        {
            throw new ArgumentException(
                $"{(disposable is null ? "Null" : $"A{TypeNames.An(disposable.GetType())[1..]}")} cannot be released: it is neither "
                + "IDisposable nor IAsyncDisposable.", nameof(disposable));
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
