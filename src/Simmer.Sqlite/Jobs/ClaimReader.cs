using System.Text.Json;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads the rows of jobs that are claimed or adopted.</summary>
internal static class ClaimReader
{
    /// <summary>The columns that it reads, in its order.</summary>
    public const string Columns =
        "seq, id, queue, kind, run, forgiven, priority, max_attempts, enqueued_at, expires_at, time_limit, unique_key, held_while, tags, "
            + "trace_parent, trace_state, suspect, cancel_requested, payload, step";

    /// <summary>Which of them is the place in a workflow.</summary>
    public const int Step = 19;

    /// <summary>How many they are: what else a statement asks for comes after them.</summary>
    public const int Count = 20;

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
    public static ClaimRow Read(SqliteSession session, Statement statement)
    {
        try
        {
            return ReadExactly(session, statement);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or JsonException or InvalidOperationException)
        {
            var draft = new JobDraft { Id = statement.IdOrStandIn(1), Queue = session.Names.QueueName(statement.Long(2)),
                Kind = session.Names.KindName(statement.Long(3)), Payload = default, Priority = statement.Int(6), MaxAttempts = 1 };
            return new ClaimRow(statement.Long(0), statement.Int(4), 0, DateTimeOffset.UnixEpoch, statement.Int(16), false,
                draft) { Unreadable = Why(session, statement, e) };
        }
    }

    private static string Why(SqliteSession session, Statement row, Exception first)
    {
        var problems = new RowProblems();
        _ = problems.Read("id", () => row.Id(1), default);
        if (!session.Names.Know(row.Long(2), row.Long(3)))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        _ = problems.Read("run",
            () => RowProblems.Count(row.Whole(4)) < int.MaxValue ? 0 : throw new FormatException("no further run can be counted"), 0);
        _ = problems.Read("forgiven", () => RowProblems.Count(row.Whole(5)), 0);
        _ = problems.Read("priority", () => row.WholeInt(6), 0);
        _ = problems.Read("max_attempts", () => row.WholeInt(7), 0);
        _ = problems.Read("enqueued_at", () => DbTime.From(row.Whole(8)), default);
        _ = problems.Read("expires_at", () => row.WholeOrNull(9) is { } at ? DbTime.From(at) : default, default);
        _ = problems.Read("time_limit", () => RowProblems.TimeLimit(row.WholeOrNull(10)), null);
        _ = problems.Read("held_while", () => row.WholeInt(12), 0);
        _ = problems.Read("tags", () => JsonList.Read(row.TextOrNull(13)), []);
        _ = problems.Read("step", () => StoredStep.Read(row, row.IdOrStandIn(1), 19), null);
        return problems.Text ?? $"its row cannot be read: {first.Message}";
    }

    private static ClaimRow ReadExactly(SqliteSession session, Statement statement)
    {
        var (queue, kind) = (statement.Long(2), statement.Long(3));
        if (!session.Names.Know(queue, kind))
        {
            throw new FormatException("its queue or its kind has no name");
        }

        var id = statement.Id(1);
        var draft = new JobDraft
        {
            Id = id,
            Queue = session.Names.QueueName(queue),
            Kind = session.Names.KindName(kind),
            Priority = statement.WholeInt(6),
            MaxAttempts = statement.WholeInt(7),
            ExpiresAt = statement.WholeOrNull(9) is { } expires ? DbTime.From(expires) : null,
            TimeLimit = RowProblems.TimeLimit(statement.WholeOrNull(10)),
            UniqueKey = statement.TextOrNull(11),
            UniqueWhile = (UniqueWhile)statement.WholeInt(12),
            Tags = JsonList.Read(statement.TextOrNull(13)),
            TraceParent = statement.TextOrNull(14),
            TraceState = statement.TextOrNull(15),
            Payload = statement.Blob(18).ToArray(),
            Step = StoredStep.Read(statement, id, 19),
        };

        // One more run must fit: the next claim counts it.
        var run = RowProblems.Count(statement.Whole(4)) is < int.MaxValue and var runs
            ? runs
            : throw new FormatException("no further run can be counted");
        return new ClaimRow(statement.Long(0), run, RowProblems.Count(statement.Whole(5)), DbTime.From(statement.Whole(8)),
            statement.Int(16), statement.Bool(17), draft);
    }
}
