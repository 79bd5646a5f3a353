using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>A row of the job table as it was read and locked, for deciding what becomes of it.</summary>
internal sealed record HeldJob(JobId Id, int Queue, int Rank, long Seq, JobState State, int Run, long Owner, int Errors, int Forgiven,
    bool CancelRequested, int Suspicion, string? CancelReason, int Pending, StepDraft? Step, TimeSpan KeepCancelledFor)
{
    /// <summary>What is read of it; the columns of a row called j. The queue is looked at only for a job that may end as cancelled here, so
    /// the settlement of a run that goes on does not pay for it.</summary>
    public const string Columns =
        $"j.id, j.queue, j.rank, j.seq, j.state, j.run, j.owner, j.errors, j.forgiven, j.cancel_requested, {JobColumns.Level}, j.reason, "
            + $"j.pending, j.step, CASE WHEN j.cancel_requested OR j.state <> {JobStates.Running} THEN (SELECT q.keep_failed FROM "
            + "simmer.queue q WHERE q.id = j.queue) END AS keep_failed";

    public LeaseToken Token => new(Id, Run);

    /// <summary>The same as the decisions about the end of a run look at it.</summary>
    public RunningRow Running => new(Run, Forgiven, Suspicion, CancelRequested, CancelReason, Step is not null);

    public static HeldJob Read(Npgsql.NpgsqlDataReader row)
    {
        var id = row.Id(0);
        return new HeldJob(id, row.GetInt32(1), row.GetInt32(2), row.GetInt64(3), JobStates.Of(row.GetInt16(4)), row.GetInt32(5),
            row.LongOrZero(6), row.GetInt32(7), row.GetInt32(8),
            row.GetBoolean(9), row.GetInt32(10), row.TextOrNull(11), row.IntOrZero(12), row.IsDBNull(13)
                ? null
                : StepDraft.ReadOrStandIn(id, row.Bytes(13)), KeepDecision.OfCancelled(row.LongOrNull(14)));
    }
}
