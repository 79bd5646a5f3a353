using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_held =
        new("SELECT seq, errors, forgiven, cancel_requested, suspect, reason, step FROM simmer_job WHERE id = ?1 AND run = ?2 AND owner "
            + "= ?3 AND state = 4");

    // What nearly every job comes to where nothing is kept: the lease is checked and the row deleted in one statement.
    // Found by its number in place of its id it costs the same.
    private static readonly Sql s_endUnkept =
        new("DELETE FROM simmer_job WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = 4 AND errors = 0 AND cancel_requested = 0 AND "
            + "step IS NULL");

    private static readonly Sql s_goOn = new("""
        UPDATE simmer_job SET state = ?2, due_at = ?3, ready_at = ?4, forgiven = ?5, errors = ?6, started_at = coalesce(?7, started_at),
          progress = coalesce(?8, progress), progress_text = coalesce(?9, progress_text), suspect = ?10, owner = NULL, stuck = 0,
              version = version + 1
        WHERE seq = ?1
        """);

    /// <summary>The running row that a lease proves.</summary>
    private readonly record struct Held(long Seq, long Errors, int Forgiven, bool CancelRequested, int Suspicion, string? CancelReason,
        StepDraft? Step);

    private SettleReport[] Settle(SqliteSession session, IReadOnlyList<Settlement> settlements, long worker, DateTimeOffset now,
        List<Refusal>? refusals)
    {
        if (settlements.Count == 0)
        {
            return [];
        }

        var reports = new SettleReport[settlements.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = refusals is not null
                ? SettleCarefully(session, settlements[i], worker, now, refusals)
                : Settle(session, settlements[i], worker, now);
        }

        return reports;
    }

    /// <summary>Settles behind a savepoint: the way for a flush in which something was refused that should not have been. Refused, it is
    /// tried again without what is there for people only: the outcome must not be lost for a text.
    /// Whatever is refused even so is kept by the engine.</summary>
    private SettleReport SettleCarefully(SqliteSession session, Settlement settlement, long worker, DateTimeOffset now,
        List<Refusal> refusals)
    {
        var token = settlement.Token;
        SettleReport report = default;
        if (session.Try(("end", token), () => Carry(settlement)) is not { } refused)
        {
            return report;
        }

        for (var marks = 1; marks <= 2; marks++)
        {
            if (settlement.WithMarks(all: marks == 2) is { } marked && session.Try((marks, token), () => Carry(marked)) is null)
            {
                Log.TextRefused(_logger, refused, token.Id, token.Run);
                return report;
            }
        }

        Log.SettlementRefused(_logger, refused, token.Id, token.Run);
        refusals.Add(new Refusal(token, StoreFaults.Refusal(refused, $"the end of job {token.Id}")));
        return new SettleReport(false, JobState.Running);

        void Carry(Settlement one)
        {
            report = Settle(session, one, worker, now);
            Follow(session, now);
        }
    }

    private static SettleReport Settle(SqliteSession session, Settlement settlement, long worker, DateTimeOffset now)
    {
        var id = settlement.Token.Id;
        if (settlement.State.IsFinal() && TryEnd(session, settlement, worker, now))
        {
            return new SettleReport(true, settlement.State);
        }

        if (Find(session, settlement.Token, worker) is not { } held)
        {
            return new SettleReport(false, StateOf(session, id));
        }

        var final = settlement.State.IsFinal();
        var state = !final && held.CancelRequested ? JobState.Cancelled : settlement.State;
        var step = settlement.Step ?? held.Step;
        string? tooMany = null;
        var (firstAdded, added) = (0, 0);
        if (step is not null && state == JobState.Succeeded && settlement.Added is { Count: > 0 })
        {
            tooMany = TryAdd(session, settlement, step, now, out firstAdded, out added);
            state = tooMany is null ? state : JobState.Failed;
        }

        var keepFor = final ? settlement.KeepFor : settlement.KeepCancelledFor;
        var forgiven = held.Forgiven + (settlement.Forgive ? 1 : 0);
        var ends = state.IsFinal();
        var errors = held.Errors;
        if (settlement.Error is { } error && !(ends && keepFor <= TimeSpan.Zero && step is null))
        {
            AddError(session, id, ++errors, error);
        }

        if (held.CancelRequested)
        {
            ForgetSignal(session, worker, settlement.Token);
        }

        if (ends)
        {
            Finish(session, held.Seq, id, new Ending(state, keepFor)
            {
                Reason = tooMany ?? settlement.ReasonFor(held.CancelReason),
                Forgiven = forgiven,
                Errors = errors,
                StartedAt = settlement.StartedAt,
                Progress = settlement.Progress,
                Result = final && tooMany is null ? settlement.Result : null,
                Step = step,
                Branch = state == JobState.Succeeded ? settlement.Branch : null,
                FirstAdded = firstAdded,
                Added = added,
            }, now);
        }
        else
        {
            var at = DbTime.Of(now);
            var scheduled = state == JobState.Scheduled;
            _ = session[s_goOn]
                .Bind(1, held.Seq)
                .Bind(2, (long)state)
                .Bind(3, scheduled ? DbTime.Of(settlement.DueFrom(now)) ?? at : null)
                .Bind(4, scheduled ? null : at)
                .Bind(5, forgiven)
                .Bind(6, errors)
                .Bind(7, Started(settlement.StartedAt))
                .Bind(8, settlement.Progress?.Fraction)
                .Bind(9, settlement.Progress?.Text)
                .Bind(10, 0L)
                .Run();
        }

        return new SettleReport(true, state);
    }

    /// <summary>The short way for a job that ends and of which nothing else is to be noted; false: the long way is to be taken, nothing was
    /// done.</summary>
    private static bool TryEnd(SqliteSession session, Settlement settlement, long worker, DateTimeOffset now)
    {
        if (settlement.KeepFor <= TimeSpan.Zero && settlement.Step is null)
        {
            return session[s_endUnkept].Bind(1, settlement.Token.Id).Bind(2, settlement.Token.Run).Bind(3, worker).Run() == 1;
        }

        return settlement is { Error: null, Forgive: false, Added: null }
            && TryFinishHeld(session, settlement.Token, worker, new Ending(settlement.State, settlement.KeepFor)
        {
            Reason = settlement.Reason,
            StartedAt = settlement.StartedAt,
            Progress = settlement.Progress,
            Result = settlement.Result,
            Step = settlement.Step,
            Branch = settlement.State == JobState.Succeeded ? settlement.Branch : null,
        }, now);
    }

    private static Held? Find(SqliteSession session, LeaseToken token, long worker)
    {
        var statement = session[s_held].Bind(1, token.Id).Bind(2, token.Run).Bind(3, worker);
        if (!statement.Step())
        {
            return null;
        }

        var held = new Held(statement.Long(0), statement.Long(1), statement.Int(2), statement.Bool(3), statement.Int(4),
            statement.TextOrNull(5), StepOrStandIn(session, statement, token.Id, 6));
        statement.Reset();
        return held;
    }

    private static StepDraft? StepOf(Statement statement, JobId id, int column) =>
        statement.IsNull(column) ? null : StepDraft.Read(id, statement.Blob(column));

    /// <summary>The same where a place in a workflow that is damaged is stood in for, so that the job can be taken back or given up; where
    /// there is no such workflow, the job stands alone.</summary>
    private static StepDraft? StepOrStandIn(SqliteSession session, Statement statement, JobId id, int column)
    {
        var step = statement.IsNull(column) ? null : StepDraft.ReadOrStandIn(id, statement.Blob(column));
        return step is { IsDamaged: true } && session[s_workflowState].Bind(1, step.Workflow).Number() is null ? null : step;
    }

    private static long? Started(DateTimeOffset at) => at == default ? null : DbTime.Of(at);
}
