using System.Numerics;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxBackOff = TimeSpan.FromSeconds(5);

    private long _sequence;
    private int _refusals;
    private int _refused;
    private string? _lastRefusal;
    private bool _refusalIsTransient;
    private StoreException? _lost;

    private async Task SendAsync(Batch batch)
    {
        if (batch.IsEmpty)
        {
            return;
        }

        WorkerId worker;
        FlushReport? report;
        try
        {
            worker = await engine.RegisteredAsync();
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

        Arrived();
        try
        {
            await DealWithAsync(batch, report, worker);
        }
        catch (Exception e)
        {
            await MisunderstoodAsync(batch, e);
        }
    }

    // It was carried out: an error must not make it look refused, or its slots would be freed twice.
    private async Task DealWithAsync(Batch batch, FlushReport report, WorkerId worker)
    {
        if (_refused > 0)
        {
            engine.Context.Logger.FlushAccepted(engine.Store.Name, _refused);
            (_refusals, _refused, _lastRefusal) = (0, 0, null);
        }

        // Before it leaves the lists of what is on its way.
        KeepRefused(batch, report);
        Distribute(batch, report, worker);
        Answered(batch, report.Blocked);

        // Before anything is adopted: what is set apart is not lost.
        await SetApartAsync(batch, report.Blocked);
        await AfterAsync(report, worker);
    }

    /// <summary>An answer that does not fit to its flush, of a store that is not as it should be: the loop goes on, for it is
    /// everybody's.</summary>
    private async Task MisunderstoodAsync(Batch batch, Exception error)
    {
        engine.Context.Logger.LoopFailed(LogLevel.Error, error, "flush", TimeSpan.Zero);
        foreach (var call in batch.Calls)
        {
            if (!call.IsTold)
            {
                call.Leave();
                call.Fail(StoreException.MayBeStored(call, $"What store '{engine.Store.Name}' answered cannot be understood.", error));
            }
        }

        // What the answer brought and nobody began is asked for once more.
        await AdoptAsync();
    }

    /// <summary>Repeats the very same flush for as long as its outcome is unknown.</summary>
    /// <returns>The answer; <see langword="null"/>: it was not carried out, and was too large to be sent once more as it is.</returns>
    private async ValueTask<FlushReport?> FlushUntilAnsweredAsync(Batch batch, WorkerId worker)
    {
        var context = engine.Context;
        var sequence = _main is null ? ++_sequence : --_sequence;
        _lastError = null;
        for (var attempt = 0; ; attempt++)
        {
            var sent = context.Time.GetTimestamp();
            try
            {
                var report = await engine.Store
                    .FlushAsync(batch.ToFlush(worker, sequence, attempt > 0, context.Catalog.Runnable, isApart: _main is not null),
                    context.Now, CancellationToken.None);
                _lastError = null;
                RoundTrip += (context.Time.GetElapsedTime(sent).TotalSeconds - RoundTrip) * 0.1;
                return report;
            }
            catch (StoreException e) when ((e.OutcomeUnknown || attempt > 0) && !_abandoned)
            {
                // Once an answer was lost, a clear refusal speaks of its own attempt only: the first one may have been committed.
                if (BitOperations.IsPow2(attempt + 1))
                {
                    context.Logger.AnswerLost(e, engine.Store.Name, sequence, attempt + 1);
                }

                _lastError = e;

                // Trouble that does not pass by itself is nothing to wait for.
                FailOverdue(e.IsTransient ? static (group, call) => group.IsOverdue(call) : static (_, _) => true, e);
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

    private void Distribute(Batch batch, FlushReport report, WorkerId worker)
    {
        // An answer may be so late that this worker was declared dead meanwhile: what it brings runs elsewhere, or soon will.
        var isOurs = engine.Registered == worker;
        DistributeSettlements(batch, report);

        // A repeat's answer says what is so now: a job of this batch may run here because of an earlier enqueue of the same id. Adoption
        // knows.
        DistributeEnqueues(batch, report, isOurs && !report.WasRepeat, worker);
        engine.Runner.Answered(batch.Claims, batch.Hints, isOurs ? report.Claims : [], worker);
        if (report.Blocked.Claims)
        {
            HintClaims(batch);
        }

        foreach (var note in batch.Notes)
        {
            engine.Context.Watcher.Notify(note.Token.Id);
        }

        for (var i = 0; i < batch.GiveBacks.Count; i++)
        {
            if (report.Blocked.GiveBacks.Contains(i))
            {
                continue;
            }

            engine.Context.Watcher.Notify(batch.GiveBacks[i].Id);
        }

        engine.SetAside.Note(report.SetAside);
        foreach (var id in report.Expired)
        {
            engine.Context.Logger.JobExpired(id);
            engine.Context.Watcher.Notify(id);
        }

        foreach (var claim in report.Claims)
        {
            engine.Context.Watcher.Notify(claim.Job.Id);
        }

        engine.Released(report.Released);

        // Given back jobs are ready again, perhaps for this very process.
        if (batch.GiveBacks.Count > 0)
        {
            engine.Runner.HintAll();
        }
    }

    private void DistributeSettlements(Batch batch, FlushReport report)
    {
        // Before those who wait look again.
        engine.Context.Watcher.Ended.Note(batch.Settlements, report.Settlements);
        for (var i = 0; i < batch.Settlements.Count; i++)
        {
            var settlement = batch.Settlements[i];
            if (report.Blocked.Settlements.Contains(i) || IsRefused(report, settlement.Token))
            {
                continue;
            }

            var answer = report.Settlements[i];
            if (!answer.Settled)
            {
                engine.Context.Metrics.LeaseLost();
                engine.Context.Logger.SettlementLost(settlement.Token.Id, settlement.Token.Run, settlement.State);
            }
            else if (answer.State == JobState.Scheduled)
            {
                engine.DueAt(settlement.DueFrom(engine.Context.Now));
            }
            else if (answer.State == JobState.Ready)
            {
                engine.Runner.HintAll();
            }

            if (settlement.Added is { Count: > 0 } added && answer is { Settled: true, State: JobState.Succeeded })
            {
                engine.Context.Metrics.Sent(added);
            }

            engine.Context.Watcher.Notify(settlement.Token.Id);
        }
    }

    private static bool IsRefused(FlushReport report, LeaseToken token)
    {
        for (var i = 0; i < report.Refusals.Count; i++)
        {
            if (report.Refusals[i].Token == token)
            {
                return true;
            }
        }

        return false;
    }

    private void DistributeEnqueues(Batch batch, FlushReport report, bool mayStart, WorkerId worker)
    {
        var now = engine.Context.Now;
        for (var i = 0; i < batch.Enqueues.Count; i++)
        {
            var (job, dispatch, _) = batch.Enqueues[i];
            var answer = report.Enqueues[i];
            if (dispatch)
            {
                engine.Runner.Dispatched(job,
                    mayStart && answer.Status == EnqueueStatus.Dispatched ? new JobClaim(job, 1, 0, now) { Worker = worker } : null);
            }

            if (report.Blocked.Enqueues.Contains(i))
            {
                continue;
            }

            if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Ready)
            {
                engine.Runner.Hint(job.Queue);
            }
            else if (answer.Status == EnqueueStatus.Stored && answer.State == JobState.Scheduled)
            {
                engine.DueAt(job.DueFrom(now));
            }
        }

        var (from, workflow) = (0, 0);
        foreach (var call in batch.Calls)
        {
            if (call is WorkflowEnqueue whole)
            {
                if (!report.Blocked.Workflows.Contains(workflow))
                {
                    call.Leave();
                    Stored(whole, report.Workflows[workflow]);
                }

                workflow++;
                continue;
            }

            if (!report.Blocked.Enqueues.Contains(from))
            {
                call.Leave();
                call.Tell(engine.Context.Metrics, report.Enqueues, from);
                call.Succeed(report.Enqueues, from);
            }

            from += call.Count;
        }
    }

    private void Stored(WorkflowEnqueue call, in WorkflowReport report)
    {
        if (report.Status == EnqueueStatus.Stored)
        {
            foreach (var step in call.Workflow!.Steps)
            {
                if (step.Step!.Pending == 0)
                {
                    engine.Runner.Hint(step.Queue);
                }
            }
        }

        engine.Context.Metrics.Sent(call.Workflow!, report);
        call.Succeed(report);
    }

    private async Task AfterAsync(FlushReport report, WorkerId worker)
    {
        if (report.WorkerGone)
        {
            engine.WorkerGone(worker);
        }
        else if (report.WasRepeat)
        {
            await AdoptAsync();

            // The claims of a lost answer came another way; what they found says nothing about what is left.
            engine.Runner.HintAll();
        }
    }

    /// <summary>Tried until it succeeds: a job that nobody adopts would run for ever under a living owner.</summary>
    private async Task AdoptAsync()
    {
        for (var attempt = 0; !_abandoned; attempt++)
        {
            try
            {
                await engine.AdoptAsync();
                return;
            }
            catch (Exception e)
            {
                var rest = BackOff(attempt);
                engine.Context.Logger.LoopFailed(LogLevel.Warning, e, "adopt", rest);
                await Task.Delay(rest, engine.Context.Time);
            }
        }
    }

    /// <summary>The flush was not carried out. Enqueues are refused: their callers can act. What ended here is kept and sent
    /// again.</summary>
    private async Task RefusedAsync(Batch batch, Exception error)
    {
        Unplan(batch);
        foreach (var call in batch.Calls)
        {
            call.Leave();
            call.Fail(error switch
            {
                StoreException { OutcomeUnknown: true } =>
                    StoreException.MayBeStored(call, $"Store '{engine.Store.Name}' was closed before it had answered.", error),
                StoreException => error,
                _ => new StoreException($"Store '{engine.Store.Name}' failed: {error.Message}", inner: error),
            });
        }

        if (_abandoned)
        {
            return;
        }

        int kept;
        lock (_gate)
        {
            _settlements.InsertRange(0, batch.Settlements);
            _giveBacks.InsertRange(0, batch.GiveBacks);
            kept = _settlements.Count + _giveBacks.Count;
        }

        // Of what is kept, one flush carries only as much as its bounds allow.
        TellRefusal(error, kept);
        if (batch.Settlements.Count + batch.GiveBacks.Count + batch.Claims.Count > 0)
        {
            await Task.Delay(BackOff(_refusals++), engine.Context.Time);
        }
    }

    // Every caller learns of it by an exception; the log is told at the first one, at every other reason, and ever more seldom.
    private void TellRefusal(Exception error, int kept)
    {
        _refusalIsTransient = error is StoreException { IsTransient: true };
        if (BitOperations.IsPow2(++_refused) || error.Message != _lastRefusal)
        {
            engine.Context.Logger.FlushRefused(_refusalIsTransient ? LogLevel.Warning : LogLevel.Error, error, engine.Store.Name,
                _refused, kept);
        }

        _lastRefusal = error.Message;
    }

    private TimeSpan BackOff(int attempt)
    {
        var limit = Math.Min(s_maxBackOff.TotalMilliseconds, s_firstBackOff.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20)));
        return TimeSpan.FromMilliseconds(limit * (0.5 + (engine.Context.Random() / 2)));
    }
}
