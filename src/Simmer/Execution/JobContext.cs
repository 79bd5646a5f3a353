using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer;

/// <summary>One attempt of a job, as its handler sees it.</summary>
public sealed partial class JobContext
{
    private readonly JobRun _run;
    private List<object>? _disposables;
    private ILogger? _logger;
    private StepResults? _results;

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

    /// <summary>The same for all attempts of this job and different from every other job's: give it to services that deduplicate by such a
    /// key.</summary>
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

    /// <summary>Logs under the job's kind, in a scope with its id, kind, queue and attempt. A log provider that throws does not fail the
    /// attempt.</summary>
    public ILogger Logger => _logger ??= GuardedLogger.For(Services, "Simmer.Jobs." + Kind);

    /// <summary>The workflow of which the job is a step; <see langword="null"/>: it stands alone.</summary>
    public WorkflowId? Workflow => _run.Claim.Job.Step?.Workflow;

    /// <summary>The step's name in its workflow; <see langword="null"/>: the job stands alone.</summary>
    public string? StepName => _run.Claim.Job.Step?.Name;

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

    /// <summary>Adds a step to the workflow. It is stored, and may start, when this step succeeds: an attempt that fails adds nothing. It
    /// may take this step's result, and whoever waits for this step waits for it as well.</summary>
    /// <param name="job">What it does.</param>
    /// <param name="name">Its name, after this step's and a slash; <see langword="null"/>: its kind and a number.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The step, to let it wait for others that are added by this attempt.</returns>
    /// <exception cref="InvalidOperationException">The job is no step of a workflow, or its kind is not registered.</exception>
    /// <exception cref="ArgumentException">Two steps added by this attempt have one name.</exception>
    /// <remarks>What else is wrong (a circle, a queue in another store, an option out of range) is told when the handler returns, and fails
    /// the attempt. A step that succeeds after the cancel of its workflow adds nothing.</remarks>
    public Step AddStep(IJob job, string? name = null, EnqueueOptions? options = null) =>
        AddedSteps.Add((full, element) => new Step(this, full, element), job, name, options);

    /// <inheritdoc cref="AddStep(IJob, string?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Step<TResult> AddStep<TResult>(IJob<TResult> job, string? name = null, EnqueueOptions? options = null) =>
        AddedSteps.Add((full, element) => new Step<TResult>(this, full, element), job, name, options);

    /// <summary>The results of earlier steps that the handler takes as parameters.</summary>
    internal IReadOnlyList<object> Inputs { get; private set; } = [];

    internal AddedSteps? Added { get; private set; }

    internal async ValueTask TakeInputsAsync(IReadOnlyList<StepInput> inputs)
    {
        var taken = new object[inputs.Count];
        try
        {
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = await Results.TakeAsync(inputs[i]);
            }
        }
        catch (StoreException e) when (e.IsTransient)
        {
            throw new StepInputsAwayException(e);
        }

        // It may have taken long: a handler is not begun that would have to stop at once, or whose job somebody else may have by now.
        // Asked by the reason and not by the token, which is cancelled a moment later.
        if (_run.StopReason != StopReason.None)
        {
            throw new OperationCanceledException(CancellationToken);
        }

        Inputs = taken;
    }

    private StepResults Results => _results ??= new StepResults(_run, StepOrThrow("takes the result of an earlier step"));

    private AddedSteps AddedSteps => Completion is { IsWritten: true }
        ? throw new InvalidOperationException(
            $"Job {Id} ({Kind}) adds a step after it was completed with CompleteWithinAsync, which stores what was added before. Add the "
            + "step first.")
        : Added ??= new AddedSteps(_run, StepOrThrow("adds a step"));

    private (StepResults Results, StepInput Input) InputOf<TResult>(bool isList) =>
        _run.Engine.Context.Catalog.ResultOf(typeof(TResult)) is { } adapter
        ? (Results, new StepInput(adapter, isList))
        : throw new InvalidOperationException(
            $"No job is registered here that gives {Jobs.TypeNames.An(typeof(TResult))}; register the one whose result is wanted with "
            + "AddJob.");

    private StepDraft StepOrThrow(string what) => _run.Claim.Job.Step ?? throw new StepResultException(
        $"Job {Id} ({Kind}) {what}, but it is no step of a workflow. Enqueue it as one, if need be alone: Chain.Of(job).");

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
                $"{(disposable is null ? "Null" : $"A{Jobs.TypeNames.An(disposable.GetType())[1..]}")} cannot be released: it is neither "
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
