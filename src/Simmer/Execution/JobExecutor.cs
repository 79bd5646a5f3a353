using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Execution;

/// <summary>Runs one claimed job to its settlement.</summary>
internal sealed class JobExecutor(EngineContext context, bool isDurable, WorkerRegistration registration, RunEnds ends)
{
    private const int MostInARow = 256;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(1);

    /// <summary>The pause before a step is tried again whose results could not be read from the store.</summary>
    private static readonly TimeSpan s_awayPause = TimeSpan.FromSeconds(1);

    private readonly EngineContext _context = context;
    private readonly SnapshotConflicts _conflicts = new();

    /// <summary>Runs a job, and then on the same thread those that waited for its slot, as long as they end at once: for short jobs the way
    /// through the thread pool costs more than the run. After a moment it stops, so that other work has its turn.</summary>
    public async Task RunAsync(JobRun run)
    {
        var next = run;
        long? began = null;
        for (var inARow = 1; ; inARow++)
        {
            var running = RunOneAsync(next);
            var endedAtOnce = running.IsCompleted;
            next = await running;
            if (next is null)
            {
                return;
            }

            // A handler that has awaited something ends on the thread that completed it, perhaps under a lock of the application. No other
            // handler may run there.
            began ??= next.StartedTimestamp;
            if (!endedAtOnce || inARow == MostInARow || _context.Time.GetElapsedTime(began.Value, next.StartedTimestamp) > s_turn)
            {
                (next.LocalQueue.Threads ?? _context.Starter).Start(next);
                return;
            }
        }
    }

    /// <summary>Never throws. Whatever the handler does becomes an outcome, and if something else fails (a log, a listener), neither the
    /// job nor its slot is lost.</summary>
    private async ValueTask<JobRun?> RunOneAsync(JobRun run)
    {
        run.StartedAt = _context.Now;
        JobOutcome outcome = default;
        Settlement? settlement = null;
        try
        {
            using var span = Telemetry.StartProcess(run.Claim);

            // Only if something is logged: a log scope that no provider reads is still allocated for every job.
            using var scope = _context.Logger.IsEnabled(LogLevel.Critical) ? _context.Logger.BeginScope(run) : null;

            outcome = WhyNotStart(run, out var job) ?? await CallAsync(run, job!);
            settlement = Settle(run, outcome);
            Report(run, outcome, settlement, span);
        }
        catch (Exception e)
        {
            if (settlement is null)
            {
                outcome = JobOutcome.Threw(e);
                settlement = Settle(run, outcome);
            }
        }

        return ends.Finish(run, outcome.Kind, settlement);
    }

    private JobOutcome? WhyNotStart(JobRun run, out IJob? job)
    {
        job = null;
        if (run.Source is null && run.StopReason is (StopReason.LeaseLost or StopReason.Cancelled or StopReason.Shutdown))
        {
            return Failed(run, new OperationCanceledException("It was told to stop before it began."));
        }

        if (run.Source is null && !registration.MayBegin(run.Claim.Worker, _context.Time.GetTimestamp()))
        {
            return new JobOutcome(OutcomeKind.LeaseLost);
        }

        if (run.Kind?.Handler is null)
        {
            return new JobOutcome(OutcomeKind.UnknownKind);
        }

        var claim = run.Claim;
        if (claim.CancelRequested)
        {
            return new JobOutcome(OutcomeKind.Cancelled);
        }

        // A failed attempt ends the job at the limit, so only the rescue from a worker that died leads past it.
        if (claim.Attempt > claim.Job.MaxAttempts)
        {
            return new JobOutcome(OutcomeKind.Poison);
        }

        try
        {
            job = run.Kind.JobOf(claim.Job.Item, claim.Job.Payload);
            return null;
        }
        catch (Exception e)
        {
            return new JobOutcome(OutcomeKind.Unreadable, Error: e);
        }
    }

    // One method for all of it: each asynchronous method of its own cost a short job 30 ns and the outcome one more copy.
    private async ValueTask<JobOutcome> CallAsync(JobRun run, IJob job)
    {
        _context.Metrics.Started(run.Claim, run.StartedAt);
        _context.Logger.JobStarted(run.Claim.Job.Kind, run.Claim.Job.Id, run.Claim.Attempt);
        var kind = run.Kind!;
        AsyncServiceScope? scope = kind.IsLocalOnly ? null : _context.Services.CreateAsyncScope();
        var context = new JobContext(run, scope?.ServiceProvider ?? _context.Services);
        JobOutcome outcome;
        try
        {
            if (kind.Inputs.Count > 0)
            {
                context.Inputs = await TakeInputsAsync(run, context, kind.Inputs);
            }

            var before = SynchronizationContext.Current;
            Task task;
            try
            {
                task = kind.Handler!(job, context, run.CancellationToken);
            }
            finally
            {
                CallerContext.Return(before);
            }

            await task;
            outcome = Answer(run, kind.Answer(task), context);
        }
        catch (Exception e)
        {
            outcome = Failed(run, e);
        }

        try
        {
            await context.DisposeRegisteredAsync();
        }
        catch (Exception e)
        {
            _context.Logger.ReleaseFailed(e, run.Claim.Job.Kind, run.Claim.Job.Id);
        }

        try
        {
            if (scope is { } own)
            {
                await own.DisposeAsync();
            }
        }
        catch (Exception e)
        {
            // Only logged: the work is done, and a service that fails when it is disposed of must not undo it.
            _context.Logger.ReleaseFailed(e, run.Claim.Job.Kind, run.Claim.Job.Id);
        }

        // Judged after the scope was disposed of, because a transaction that the handler has left open ends with it.
        return context.Completion is Completion completion ? await completion.JudgeAsync(outcome) : outcome;
    }

    private static async ValueTask<object[]> TakeInputsAsync(JobRun run, JobContext context, IReadOnlyList<StepInput> inputs)
    {
        var taken = new object[inputs.Count];
        try
        {
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = await context.Results.TakeAsync(inputs[i]);
            }
        }
        catch (StoreException e) when (e.IsTransient)
        {
            throw new StepInputsAwayException(e);
        }

        // Reading the results may have taken long, so a handler does not start that would have to stop at once, or whose job another worker
        // may have by now. The reason is checked and not the token, which is cancelled a moment later.
        return run.StopReason == StopReason.None ? taken : throw new OperationCanceledException(run.CancellationToken);
    }

    /// <summary>The settlement of a run that succeeds while its handler still runs.</summary>
    /// <exception cref="InvalidOperationException">It cannot be stored.</exception>
    public Settlement Early(JobRun run, HandlerAnswer answer, JobContext context)
    {
        var outcome = Answer(run, answer, context);
        return outcome.Error is null
            ? Plan(run, outcome)
            : throw new BadResultException($"The result of job {context.Id} ({context.Kind}) cannot be stored: {outcome.Error.Message}",
                outcome.Error);
    }

    private JobOutcome Answer(JobRun run, HandlerAnswer answer, JobContext context)
    {
        var outcome = Answer(run, answer.Verdict, answer.Result);
        if (run.Claim.Job.Step is not { } step || !outcome.IsSuccess)
        {
            return outcome;
        }

        RefuseUnknownBranch(step, answer.Verdict.Label);
        return context.Added is AddedSteps added ? outcome with { Added = added.ToDrafts() } : outcome;
    }

    // Without this check a misspelt branch would skip all following steps silently.
    private static void RefuseUnknownBranch(StepDraft step, string? branch)
    {
        if (branch is null)
        {
            return;
        }

        var known = step.Next.SelectMany(static l => l.Labels).ToList();
        if (known.Count > 0 && !known.Contains(branch))
        {
            throw new InvalidOperationException(
                $"The handler returned the branch '{branch}', which no step after '{step.Name}' waits "
                    + $"for{(Names.Nearest(branch, known) is { } near ? $"; did you mean '{near}'?" : ".")} Known branches: "
                    + $"{string.Join(", ", known.Distinct().Select(static l => $"'{l}'"))}.");
        }
    }

    private JobOutcome Answer(JobRun run, JobVerdict verdict, object? result) =>
        verdict.Kind == VerdictKind.Success && run.Kind!.Result is { } adapter
            ? Written(verdict, adapter, result)
            : JobOutcome.Returned(verdict, result, null);

    // Checked for jobs in memory too, so that a result which no database can store is found in development.
    private JobOutcome Written(JobVerdict verdict, ResultAdapter adapter, object? result)
    {
        try
        {
            var bytes = adapter.Write(result);
            return bytes.Length <= _context.Options.MaxResultBytes

                    ? isDurable
                    ? JobOutcome.Returned(verdict, null, bytes)
                    : JobOutcome.Returned(verdict, _context.IsDevelopment ? adapter.Read(bytes) : result, null)
                : new JobOutcome(OutcomeKind.BadResult, Error: new InvalidOperationException(
                    $"The result takes {bytes.Length:N0} bytes; at most {_context.Options.MaxResultBytes:N0} are allowed "
                        + "(MaxResultBytes). Store it elsewhere and return where it is."));
        }
        catch (Exception e)
        {
            return new JobOutcome(OutcomeKind.BadResult, Error: e);
        }
    }

    // If the handler was told to stop, the reason says more than its exception. A handler that returned all the same has succeeded and does
    // not come here.
    private JobOutcome Failed(JobRun run, Exception error) => run.StopReason switch
    {
        StopReason.TimeLimit => new(OutcomeKind.TimeLimit, Error: error),
        StopReason.Cancelled => new(OutcomeKind.Cancelled, Error: error),
        // A job that lives in this process only cannot be given back. It has logged itself what did not run.
        StopReason.Shutdown => new(run.Kind is { IsLocalOnly: true } ? OutcomeKind.Cancelled : OutcomeKind.Interrupted, Error: error),
        StopReason.LeaseLost => new(OutcomeKind.LeaseLost, Error: error),
        _ when error is BadResultException => new(OutcomeKind.BadResult, Error: error.InnerException),
        _ when error is StepResultUnreadableException => new(OutcomeKind.Unreadable, Error: error),
        _ when error is StepResultException => JobOutcome.Returned(JobVerdict.Fail(error.Message), null, null),

        // The handler was not called, so this does not count as an attempt.
        _ when error is StepInputsAwayException => JobOutcome.Returned(JobVerdict.Snooze(s_awayPause, error.Message), null, null),

        // Nor is one that only had to begin its transaction anew.
        _ when SnapshotConflicts.Is(error) && _conflicts.MayForgive(run.Claim.Job.Id) =>
            new(OutcomeKind.Interrupted, Error: error),
        _ => JobOutcome.Threw(error),
    };

    private Settlement Settle(JobRun run, in JobOutcome outcome)
    {
        run.End(_context.Time.GetTimestamp());
        return Plan(run, outcome);
    }

    private Settlement Plan(JobRun run, in JobOutcome outcome)
    {
        var queue = run.LocalQueue.Options;
        var rules = new SettlementRules(
            run.Kind?.Retry ?? RetryPolicy.Default, run.Kind?.Result is not null, run.TimeLimit,
            Retention.In(isDurable, queue.KeepSucceeded), Retention.In(isDurable, queue.KeepFailed));

        // When the run began is what its claim said, so that the snapshots before and after the end agree. Success asks nothing of the
        // clock and of chance, which is behind a lock.
        return outcome.IsSuccess
            ? SettlementPlan.For(run.Claim, outcome, rules, run.StartedAt, 0, run.LastProgress())
            : SettlementPlan.For(run.Claim, outcome, rules, _context.Now, _context.Random(), run.LastProgress());
    }

    private void Report(JobRun run, in JobOutcome outcome, Settlement settlement, Span span)
    {
        _context.Metrics.Ended(run.Claim, run.IsStuck, outcome.Kind, settlement.State,
            _context.Time.GetElapsedTime(run.StartedTimestamp, run.EndedTimestamp));
        Telemetry.End(span, outcome.Kind, outcome.Error, settlement);
        _context.Logger.JobEnded(run.Claim, outcome.Error, settlement, _context.Time, run.StartedTimestamp, _context.Clock);
    }
}
