using System.Numerics;
using Microsoft.Extensions.Logging;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Execution.Intake;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Sends one flush after another, each as large as what came meanwhile. One flush is in flight at a time, and it is repeated under
/// its own number until it is answered.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="store">The store.</param>
/// <param name="registration">This process as a worker of the store.</param>
/// <param name="loss">Is told when the store has declared this worker dead.</param>
/// <param name="adoption">Finds jobs whose claim got lost.</param>
/// <param name="runner">The queues of this process.</param>
/// <param name="intake">What waits to be sent.</param>
/// <param name="plan">What is dispatched and claimed.</param>
/// <param name="answers">Hands the answers out.</param>
/// <param name="overdue">Tells callers whose time is over.</param>
/// <param name="blocked">Takes what other transactions block.</param>
/// <param name="refused">Sends again what the store refused.</param>
/// <param name="isApart">Whether the flushes carry blocked operations only. They have numbers of their own, negative and falling.</param>
internal sealed class FlushLoop(
    EngineContext context, IJobStore store, WorkerRegistration registration, WorkerLoss loss, Adoption adoption, QueueRunner runner,
    FlushIntake intake, FlushPlan plan, FlushAnswers answers, OverdueCalls overdue, BlockedCalls blocked, RefusedRetries refused,
    bool isApart) : IThreadPoolWorkItem, IFlushSender
{
    /// <summary>How often a call that goes alone is tried before it fails as too large for the store.</summary>
    private const int TriesAlone = 3;

    private readonly FlushRefusals _refusals = new(context.Logger, store.Name);
    private long _sequence;
    private int _splits;
    private StoreException? _lost;

    // The round trip of a flush as it was lately, in seconds.
    private double _roundTrip = 0.001;

    /// <summary>Why nothing of this process reaches the store at present, though it answers; null: it does.</summary>
    public string? Obstacle => _refusals.Obstacle;

    /// <summary>Sends what waits, on another thread.</summary>
    public void StartNext() => context.Starter.Start(this);

    /// <summary>Sends the next flush from the caller's thread, which goes on as soon as the store has it. Nothing of the caller's flows
    /// into it.</summary>
    public void RunHere() => _ = CallerContext.Detached(static loop => loop.RunAsync(once: true), this);

    /// <summary>Begins to watch the time limit of callers.</summary>
    public void WatchCalls() => context.Starter.Start(() => _ = overdue.WatchAsync());

    void IThreadPoolWorkItem.Execute() => _ = RunAsync(once: false);

    // Never throws: an error belongs to the operations it concerns, and the loop goes on.
    private async Task RunAsync(bool once)
    {
        while (Gather() is { } batch)
        {
            var sending = SendAsync(batch);
            once &= sending.IsCompleted;
            await sending;
            if (once && intake.HasMore)
            {
                // A caller's thread sends one flush, its own, and not those of all other callers.
                StartNext();
                return;
            }
        }
    }

    private FlushBatch? Gather()
    {
        var batch = intake.NextBatch();
        plan.Make(batch, _roundTrip);
        return batch.IsEmpty && intake.TryRest() ? null : batch;
    }

    private async Task SendAsync(FlushBatch batch)
    {
        if (batch.IsEmpty)
        {
            return;
        }

        WorkerId worker;
        FlushReport? report;
        try
        {
            worker = await registration.GetAsync();
            report = await FlushUntilAnsweredAsync(batch, worker);
        }
        catch (Exception e)
        {
            await RefusedAsync(batch, e);
            return;
        }

        if (report is null)
        {
            await SplitAsync(batch, _lost!);
            return;
        }

        if (_splits > 0)
        {
            _splits = intake.Widen() ? 0 : 1;
        }

        try
        {
            await DealWithAsync(batch, report, worker);
        }
        catch (Exception e)
        {
            await MisunderstoodAsync(batch, e);
        }
    }

    // The flush was carried out. An error here must not make it count as refused, because its slots would then be freed twice.
    private async Task DealWithAsync(FlushBatch batch, FlushReport report, WorkerId worker)
    {
        _refusals.Accepted();

        // Before the batch is done with: at every moment the end of a run is known to be on its way.
        refused.Update(batch, report);
        answers.HandOut(batch, report, worker);
        blocked.Answered(batch, report.Blocked);

        // Before anything is adopted: an operation that is sent apart is not lost.
        await blocked.MoveApartAsync(batch, report.Blocked);
        await AfterAsync(report, worker);
    }

    /// <summary>Handles an answer that does not fit its flush, which means that the store is faulty. The loop goes on, because all callers
    /// need it.</summary>
    private async Task MisunderstoodAsync(FlushBatch batch, Exception error)
    {
        context.Logger.LoopFailed(LogLevel.Error, error, "flush", TimeSpan.Zero);
        foreach (var call in batch.Calls)
        {
            if (!call.IsTold)
            {
                call.Leave();
                call.FailUnknown($"What store '{store.Name}' answered cannot be understood.", error);
            }
        }

        // Jobs that the answer brought and that were not started are asked for once more.
        await AdoptAsync();
    }

    /// <summary>Repeats the very same flush for as long as its outcome is unknown.</summary>
    /// <returns>The answer; <see langword="null"/>: it was not carried out, and was too large to be sent once more as it is.</returns>
    private async ValueTask<FlushReport?> FlushUntilAnsweredAsync(FlushBatch batch, WorkerId worker)
    {
        var sequence = isApart ? --_sequence : ++_sequence;
        overdue.LastError = null;
        for (var attempt = 0; ; attempt++)
        {
            var sent = context.Time.GetTimestamp();
            try
            {
                var report = await store.FlushAsync(
                    batch.ToFlush(worker, sequence, attempt > 0, context.Catalog.Runnable, isApart), context.Now, CancellationToken.None);
                overdue.LastError = null;
                _roundTrip += (context.Time.GetElapsedTime(sent).TotalSeconds - _roundTrip) * 0.1;
                return report;
            }
            catch (StoreException e) when ((e.OutcomeUnknown || attempt > 0) && !intake.IsAbandoned)
            {
                // After a lost answer a clear refusal says something about its own attempt only: the first one may have been committed.
                if (BitOperations.IsPow2(attempt + 1))
                {
                    context.Logger.AnswerLost(e, store.Name, sequence, attempt + 1);
                }

                overdue.AttemptFailed(e);
                await Task.Delay(BackOff(attempt), context.Time);
                if (await WasNotCarriedOutAsync(batch, worker, sequence))
                {
                    _lost = e;
                    return null;
                }
            }
            catch (Exception e) when (attempt > 0)
            {
                // Given up, though an earlier attempt may have been committed.
                throw new StoreException(e.Message, e is StoreException { IsTransient: true }, outcomeUnknown: true, e);
            }
        }
    }

    /// <summary>Finds out, after a large flush without an answer, whether it was certainly not carried out. An empty flush under the same
    /// number, with a small answer, asks: it takes the number, or finds it taken.</summary>
    private async ValueTask<bool> WasNotCarriedOutAsync(FlushBatch batch, WorkerId worker, long sequence)
    {
        if (batch.Bytes < FlushLimits.Heavy || batch.Operations == 0)
        {
            return false;
        }

        FlushReport report;
        try
        {
            report = await store.FlushAsync(
                new Flush { Worker = worker, Sequence = sequence, IsRepeat = true, IsApart = isApart,
                    Kinds = context.Catalog.Runnable }, context.Now, CancellationToken.None);
        }
        catch (Exception)
        {
            // Nothing is known yet, whatever went wrong, so the flush is repeated.
            return false;
        }

        if (report is { WorkerGone: true, WasRepeat: false })
        {
            loss.WorkerGone(worker);
        }

        return !report.WasRepeat;
    }

    /// <summary>A heavy flush did not arrive: its operations go in smaller ones, and a call that does not arrive alone is
    /// refused.</summary>
    private async Task SplitAsync(FlushBatch batch, StoreException error)
    {
        plan.Undo(batch);
        var calls = new List<EnqueueCall>();
        foreach (var call in batch.Calls)
        {
            // Read once: a call whose caller gets its answer after this stays with the others.
            if (call.IsTold)
            {
                call.Leave();
            }
            else
            {
                calls.Add(call);
            }
        }

        if (calls is [var alone] && batch.Settlements.Count == 0 && ++alone.Failures >= TriesAlone)
        {
            calls.Clear();
            alone.Leave();
            alone.Fail(new StoreException(
                $"Store '{store.Name}' could not be reached with this call in {TriesAlone} tries (jobs: {alone.Count:N0}, bytes: "
                    + $"{alone.Bytes:N0}); nothing of it is stored. " +
                $"Give fewer jobs in each call, or store the data elsewhere and put where it is into the job. {error.Message}",
                    inner: error));
        }

        if (calls.Count == 0 && batch.GiveBacks.Count == 0 && batch.Settlements is [var end])
        {
            refused.Keep(end, error);
            batch.Settlements.Clear();
        }

        intake.PutBackToSplit(batch, calls);
        context.Logger.FlushSplit(error, store.Name, batch.Operations, batch.Bytes);
        await Task.Delay(BackOff(_splits++), context.Time);
    }

    private async Task AfterAsync(FlushReport report, WorkerId worker)
    {
        if (report.WorkerGone)
        {
            loss.WorkerGone(worker);
        }
        else if (report.WasRepeat)
        {
            await AdoptAsync();

            // The claims of the lost answer were adopted instead; what adoption found says nothing about what is left in the queues.
            runner.HintAll();
        }
    }

    /// <summary>Tried until it succeeds, because a job that is not adopted would stay running for ever under a living owner.</summary>
    private async Task AdoptAsync()
    {
        for (var attempt = 0; !intake.IsAbandoned; attempt++)
        {
            try
            {
                await adoption.AdoptAsync();
                return;
            }
            catch (Exception e)
            {
                var rest = BackOff(attempt);
                context.Logger.LoopFailed(LogLevel.Warning, e, "adopt", rest);
                await Task.Delay(rest, context.Time);
            }
        }
    }

    /// <summary>The flush was not carried out. Enqueues are refused: their callers can act. Settlements and give-backs are kept and sent
    /// again.</summary>
    private async Task RefusedAsync(FlushBatch batch, Exception error)
    {
        plan.Undo(batch);
        foreach (var call in batch.Calls)
        {
            call.Leave();
            switch (error)
            {
                case StoreException { OutcomeUnknown: true }:
                    call.FailUnknown($"Store '{store.Name}' was closed before it had answered.", error);
                    break;
                case StoreException:
                    call.Fail(error);
                    break;
                default:
                    call.Fail(new StoreException($"Store '{store.Name}' failed: {error.Message}", inner: error));
                    break;
            }
        }

        if (intake.IsAbandoned)
        {
            return;
        }

        // Of the kept ends, one flush carries only as many as its limits allow.
        _refusals.Refused(error, intake.PutBackEnds(batch));
        if (batch.Settlements.Count + batch.GiveBacks.Count + batch.Claims.Count > 0)
        {
            await Task.Delay(BackOff(_refusals.CountDelay()), context.Time);
        }
    }

    private TimeSpan BackOff(int attempt) => FlushBackOff.Attempt.After(attempt, context.Random());
}
