using System.Text.Json;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads the rows of jobs that are claimed or adopted (<see cref="JobColumns.Claimed"/>).</summary>
internal static class ClaimReader
{
    /// <summary>Adds all rows of a statement to a list.</summary>
    public static void ReadAll(SqliteSession session, Statement statement, List<ClaimRow> rows)
    {
        while (statement.Step())
        {
            rows.Add(Read(session, statement));
        }
    }

    /// <summary>Reads a row. It never throws over what the columns hold: one damaged row must not keep the others from being
    /// claimed.</summary>
    public static ClaimRow Read(SqliteSession session, Statement row)
    {
        try
        {
            return ReadExactly(session, row);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or JsonException or InvalidOperationException)
        {
            var draft = new JobDraft
            {
                Id = row.IdOrStandIn(JobColumns.Id.InClaim),
                Queue = session.Names.QueueName(row.Long(JobColumns.Queue.InClaim)),
                Kind = session.Names.KindName(row.Long(JobColumns.Kind.InClaim)),
                Payload = default,
                Priority = row.Int(JobColumns.Priority.InClaim),
                MaxAttempts = 1,
            };
            return new ClaimRow(row.Long(JobColumns.Seq.InClaim), row.Int(JobColumns.Run.InClaim), 0, DateTimeOffset.UnixEpoch,
                row.Int(JobColumns.Suspect.InClaim), false, draft) { Unreadable = Why(session, row, e) };
        }
    }

    private static ClaimRow ReadExactly(SqliteSession session, Statement row)
    {
        var (queue, kind) = (row.Long(JobColumns.Queue.InClaim), row.Long(JobColumns.Kind.InClaim));
        if (!session.Names.Know(queue, kind))
        {
            throw new FormatException("its queue or its kind has no name");
        }

        var draft = JobColumns.ReadDraft(row, row.Id(JobColumns.Id.InClaim), session.Names.QueueName(queue), session.Names.KindName(kind));
        return new ClaimRow(row.Long(JobColumns.Seq.InClaim), ReadRun(row), RowProblems.Count(row.Whole(JobColumns.Forgiven.InClaim)),
            DbTime.From(row.Whole(JobColumns.EnqueuedAt.InClaim)), row.Int(JobColumns.Suspect.InClaim),
            row.Bool(JobColumns.CancelRequested.InClaim), draft);
    }

    // One more run must fit: the claim counts it.
    private static int ReadRun(Statement row) => RowProblems.Count(row.Whole(JobColumns.Run.InClaim)) is < int.MaxValue and var run
        ? run
        : throw new FormatException("no further run can be counted");

    private static string Why(SqliteSession session, Statement row, Exception first)
    {
        var problems = new RowProblems();
        var id = row.IdOrStandIn(JobColumns.Id.InClaim);
        _ = problems.Read("id", () => row.Id(JobColumns.Id.InClaim), default);
        if (!session.Names.Know(row.Long(JobColumns.Queue.InClaim), row.Long(JobColumns.Kind.InClaim)))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        _ = problems.Read("run", () => ReadRun(row), 0);
        _ = problems.Read("forgiven", () => RowProblems.Count(row.Whole(JobColumns.Forgiven.InClaim)), 0);
        _ = problems.Read("priority", () => row.WholeInt(JobColumns.Priority.InClaim), 0);
        _ = problems.Read("max_attempts", () => row.WholeInt(JobColumns.MaxAttempts.InClaim), 0);
        _ = problems.Read("enqueued_at", () => DbTime.From(row.Whole(JobColumns.EnqueuedAt.InClaim)), default);
        _ = problems.Read("expires_at", () => row.WholeTimeOrNull(JobColumns.ExpiresAt.InClaim), null);
        _ = problems.Read("time_limit", () => RowProblems.TimeLimit(row.WholeOrNull(JobColumns.TimeLimit.InClaim)), null);
        _ = problems.Read("held_while", () => row.WholeInt(JobColumns.HeldWhile.InClaim), 0);
        _ = problems.Read("tags", () => JsonList.Read(row.TextOrNull(JobColumns.Tags.InClaim)), []);
        _ = problems.Read("step", () => StoredStep.Read(row, id, JobColumns.Step.InClaim), null);
        return problems.Text ?? $"its row cannot be read: {first.Message}";
    }
}
