using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Cancels jobs and steps.</summary>
internal static class CancelJobs
{
    private static readonly Sql s_request =
        new("UPDATE simmer_job SET cancel_requested = 1, reason = ?2, version = version + 1 WHERE seq = ?1 AND cancel_requested = 0");

    private static readonly Sql s_signal = new("INSERT OR IGNORE INTO simmer_signal(owner, job, run) VALUES(?1, ?2, ?3)");

    /// <summary>Cancels a job.</summary>
    public static CancelReport Cancel(SqliteSession session, JobId id, string? reason, DateTimeOffset now) =>
        JobLookup.FindHot(session, id) is { } row
            ? Cancel(session, row, id, reason, now)
            : new CancelReport(CancelDecision.For(JobLookup.EndedStateOf(session, id)));

    /// <summary>Cancels a job that has not ended.</summary>
    public static CancelReport Cancel(SqliteSession session, in HotRow row, JobId id, string? reason, DateTimeOffset now)
    {
        var answer = CancelDecision.For(row.State);
        if (answer != CancelResult.Requested)
        {
            var ending = new Ending(JobState.Cancelled, DeclaredQueues.KeepCancelledFor(session, row.Seq, row.Step))
            {
                Reason = reason,
                Step = row.Step,
            };
            RunEnd.Finish(session, row.Seq, id, ending, now);
            return new CancelReport(CancelResult.Cancelled) { IsForgotten = !ending.IsKept };
        }

        _ = session[s_request].Bind(1, row.Seq).Bind(2, reason).Run();
        _ = session[s_signal].Bind(1, row.Owner).Bind(2, id).Bind(3, row.Run).Run();
        return new CancelReport(answer, new WorkerId(row.Owner), row.Run);
    }

    /// <summary>Cancels a job behind a savepoint, with everything that follows from it. If the database refuses the reason, the cancel is
    /// tried again with a mark in its place.</summary>
    public static CancelReport CancelCarefully(SqliteSession session, JobId id, string? reason, DateTimeOffset now)
    {
        var report = new CancelReport(CancelResult.NotFound);
        var refused = session.Try(("cancel", id), () => CancelAndFollow(reason));
        if (refused is not null && reason is not null
            && session.Try(("cancel with a mark", id), () => CancelAndFollow(StoreRules.RefusedText)) is null)
        {
            return report;
        }

        return refused is null
            ? report
            : new CancelReport(CancelResult.NotFound) { Error = StoreFaults.Refusal(refused, $"the cancel of job {id}") };

        // What follows must not wait for the others: the refusal of one of them forgets what ended steps have to say.
        void CancelAndFollow(string? why)
        {
            report = Cancel(session, id, why, now);
            WorkflowFollow.Follow(session, now);
        }
    }
}
