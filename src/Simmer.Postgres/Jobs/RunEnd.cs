using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The only place that ends a run: what a settlement, a give-back or a rescue has decided becomes of the job's row. Where nothing
/// has to be decided, the lease is proven by the statement that ends the run (<see cref="EndedRows.EndKept"/>,
/// <see cref="EndedRows.EndUnkept"/>).</summary>
internal static class RunEnd
{
    private const string HeldSql = $"""
        SELECT {HeldJob.Columns} FROM simmer.job j JOIN unnest($2::uuid[], $3::int[]) AS t(id, run) ON j.id = ANY(ARRAY[t.id])
        WHERE j.run = t.run AND j.owner = $1 AND j.state = {JobStates.Running} FOR UPDATE OF j
        """;

    /// <summary>Locks and reads the rows that leases prove; they are there once the batch has run.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="tokens">The leases.</param>
    /// <param name="worker">Who must hold them.</param>
    public static Dictionary<JobId, HeldJob> Lock(SqlBatch batch, IReadOnlyList<LeaseToken> tokens, long worker)
    {
        var held = new Dictionary<JobId, HeldJob>(tokens.Count);
        _ = batch.Add(HeldSql).Bind(worker).BindIds(tokens, static t => t.Id.Value).BindAllInts(tokens, static t => t.Run).Each(row =>
        {
            var job = HeldJob.Read(row);
            held[job.Id] = job;
        });
        return held;
    }

    /// <summary>Whether one statement that proves the lease may end a job, without reading its row before. A step has to report to others,
    /// so it may not.</summary>
    public static bool IsPlain(Settlement settlement) => settlement.Step is null && !SettleDecision.NeedsRow(settlement);

    /// <summary>What is written of a settlement whose lease is proven by the statement itself.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="ahead">How far the server's clock is ahead of the caller's.</param>
    public static Ending Plain(Settlement settlement, TimeSpan ahead) => new(settlement.Token.Id, settlement.State, settlement.KeepFor)
    {
        Run = settlement.Token.Run,
        Reason = settlement.Reason,
        StartedAt = CallerTime.ToServer(settlement.StartedAt, ahead),
        Progress = settlement.Progress,
        Result = settlement.Result,
    };

    /// <summary>Settles a job.</summary>
    /// <param name="session">The transaction, which has locked its row.</param>
    /// <param name="settlement">The settlement.</param>
    /// <param name="job">The job.</param>
    /// <param name="step">What makes it a step; null: it is none.</param>
    /// <param name="added">What became of the steps that it adds; default: it adds none.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The state that it goes to.</returns>
    public static JobState Settle(Session session, Settlement settlement, HeldJob job, StepDraft? step, in AddDecision added,
        DateTimeOffset now)
    {
        var outcome = SettleDecision.For(settlement, job.Running with { IsStep = step is not null }, added);
        var error = settlement.Error is { } told && session.Ahead != TimeSpan.Zero
            ? told with { At = CallerTime.ToServer(told.At, session.Ahead) }
            : settlement.Error;
        var startedAt = CallerTime.ToServer(settlement.StartedAt, session.Ahead);
        var errors = Close(session, job, outcome, error);
        if (!outcome.Ends)
        {
            session.Changes.GoOn(job, outcome, settlement.DueFrom(now), errors, startedAt, settlement.Progress, now);
            return outcome.State;
        }

        session.Changes.End(session, job, new Ending(job.Id, outcome.State, outcome.KeepFor)
        {
            Reason = outcome.Reason,
            Forgiven = outcome.Forgiven,
            Errors = errors,
            StartedAt = startedAt,
            Progress = settlement.Progress,
            Result = outcome.KeepsResult ? settlement.Result : null,
            Step = step,
            Branch = outcome.Branch,
            FirstAdded = added.First,
            Added = added.Count,
        });
        return outcome.State;
    }

    /// <summary>Gives a job back unstarted, or interrupted by a deploy.</summary>
    /// <param name="session">The transaction, which has locked its row.</param>
    /// <param name="job">The job.</param>
    /// <param name="now">The present time.</param>
    public static void GiveBack(Session session, HeldJob job, DateTimeOffset now) =>
        Write(session, job, GiveBackDecision.For(job.Running, job.KeepCancelledFor), null, now);

    /// <summary>Takes a job back from a worker that died.</summary>
    /// <param name="session">The transaction, which has locked its row.</param>
    /// <param name="job">The job.</param>
    /// <param name="slots">How many jobs that worker ran at once; null: not known any more.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The state that it goes to: ready, or cancelled.</returns>
    public static JobState Rescue(Session session, HeldJob job, int? slots, DateTimeOffset now)
    {
        var outcome = RescueDecision.For(job.Running, slots, job.KeepCancelledFor);
        Write(session, job, outcome, RescueDecision.Error(job.Running, now), now);
        return outcome.State;
    }

    private static void Write(Session session, HeldJob job, in RunOutcome outcome, AttemptError? error, DateTimeOffset now)
    {
        var errors = Close(session, job, outcome, error);
        if (outcome.Ends)
        {
            session.Changes.End(session, job, new Ending(job.Id, outcome.State, outcome.KeepFor)
            {
                Reason = outcome.Reason,
                Forgiven = outcome.Forgiven,
                Errors = errors,
                Step = job.Step,
            });
        }
        else
        {
            session.Changes.GoOn(job, outcome, null, errors, default, null, now);
        }
    }

    /// <summary>What every end of a run leaves behind: its error, and no signal to a worker.</summary>
    /// <returns>How many errors the job has now.</returns>
    private static int Close(Session session, HeldJob job, in RunOutcome outcome, AttemptError? error)
    {
        var errors = job.Errors;
        if (outcome.AddsError && error is not null)
        {
            session.Changes.AddError(job.Id, ++errors, error);
        }

        if (job.CancelRequested)
        {
            session.Changes.ForgetSignal(job.Owner, job.Token);
        }

        return errors;
    }
}
