using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_hot = new("SELECT seq, state, run, owner, step FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_requestCancel =
        new("UPDATE simmer_job SET cancel_requested = 1, reason = ?2, version = version + 1 WHERE seq = ?1 AND cancel_requested = 0");
    private static readonly Sql s_signal = new("INSERT OR IGNORE INTO simmer_signal(owner, job, run) VALUES(?1, ?2, ?3)");

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, TimeSpan keepFor,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteEach<IReadOnlyList<CancelReport>>((session, careful) =>
        {
            var why = StoreRules.Cut(reason, StoreRules.LongestReason);
            var reports = StoreRules
                .Each(ids, id => careful ? CancelCarefully(session, id, why, keepFor, now) : Cancel(session, id, why, keepFor, now));
            Follow(session, now);
            _ = session.Steps.Take();
            return reports;
        }, cancellationToken, ids.Count);

    /// <summary>Cancels a job behind a savepoint, with all that follows from it; once more with a mark in place of a reason that the
    /// database refuses.</summary>
    private static CancelReport CancelCarefully(SqliteSession session, JobId id, string? reason, TimeSpan keepFor, DateTimeOffset now)
    {
        var report = new CancelReport(CancelResult.NotFound);
        var refused = session.Try(("cancel", id), () => CancelAndFollow(reason));
        if (refused is not null && reason is not null && session
            .Try(("cancel with a mark", id), () => CancelAndFollow(StoreRules.RefusedText)) is null)
        {
            return report;
        }

        return refused is null
            ? report
            : new CancelReport(CancelResult.NotFound) { Error = StoreFaults.Refusal(refused, $"the cancel of job {id}") };

        // What follows must not wait for the others: the refusal of one of them forgets what ended steps have to say.
        void CancelAndFollow(string? why)
        {
            report = Cancel(session, id, why, keepFor, now);
            Follow(session, now);
        }
    }

    private static CancelReport Cancel(SqliteSession session, JobId id, string? reason, TimeSpan keepFor, DateTimeOffset now) =>
        FindHot(session, id) is { } row
        ? Cancel(session, row, id, reason, keepFor, now)
        : new CancelReport(HistoryState(session, id) == JobState.Unknown ? CancelResult.NotFound : CancelResult.AlreadyFinished);

    private static CancelReport Cancel(SqliteSession session, in HotRow row, JobId id, string? reason, TimeSpan keepFor, DateTimeOffset now)
    {
        if (row.State != JobState.Running)
        {
            Finish(session, row.Seq, id, new Ending(JobState.Cancelled, keepFor) { Reason = reason, Step = row.Step }, now);
            return new CancelReport(CancelResult.Cancelled);
        }

        _ = session[s_requestCancel].Bind(1, row.Seq).Bind(2, reason).Run();
        _ = session[s_signal].Bind(1, row.Owner).Bind(2, id).Bind(3, row.Run).Run();
        return new CancelReport(CancelResult.Requested, new WorkerId(row.Owner), row.Run);
    }

    // Alone: it does not even say that it is a step.
    private readonly record struct HotRow(long Seq, JobState State, int Run, long Owner, StepDraft? Step, bool IsAlone);

    private static HotRow? FindHot(SqliteSession session, JobId id)
    {
        var statement = session[s_hot].Bind(1, id);
        if (!statement.Step())
        {
            return null;
        }

        var row = new HotRow(statement.Long(0), Public(statement.Int(1)), statement.Int(2), statement.LongOrNull(3) ?? 0,
            StepOrStandIn(session, statement, id, 4), statement.IsNull(4));
        statement.Reset();
        return row;
    }
}
