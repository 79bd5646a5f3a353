using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads jobs as they are shown to clients.</summary>
internal static class JobRecords
{
    /// <summary>The columns of a job that has not ended, in the order in which they are read.</summary>
    public const string Hot = $"""
        j.id, coalesce(q.name, '(queue ' || j.queue || ')'), coalesce(k.name, '(kind ' || j.kind || ')'), CASE j.state WHEN {JobStates.ReadySuspect} THEN {JobStates.Ready}
            ELSE j.state END, j.version, j.priority, j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        CASE j.state WHEN {JobStates.Scheduled} THEN j.due_at END, j.expires_at, j.started_at, NULL, j.progress, j.progress_text,
            NULL, j.cancel_requested, j.stuck, j.unique_key,
        j.tags, j.errors, j.payload, NULL, (SELECT w.name FROM simmer_worker w WHERE w.id = j.owner), j.trace_parent, 0 AS old,
        j.step, NULL AS branch, 0 AS first_added, 0 AS added, j.time_limit, j.held_while, j.trace_state, q.id IS NOT NULL
            AND k.id IS NOT NULL AS named
        """;

    /// <summary>The columns of a job that has ended.</summary>
    public const string Ended = """
        j.id, coalesce(q.name, '(queue ' || j.queue || ')'), coalesce(k.name, '(kind ' || j.kind || ')'), j.state, j.version, j.priority,
            j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        NULL, j.expires_at, j.started_at, j.finished_at, j.progress, j.progress_text, j.reason, 0, 0, j.unique_key,
        j.tags, j.errors, j.payload, j.result, NULL, j.trace_parent, 1 AS old,
        j.step, j.branch, j.first_added, j.added, j.time_limit, j.held_while, j.trace_state, q.id IS NOT NULL AND k.id IS NOT NULL
        """;

    /// <summary>Where the place in a workflow is among them; after it come the branch, the first step that was added, and how many
    /// were.</summary>
    public const int StepColumn = 27;

    /// <summary>Joins the names of queue and kind. A row whose queue or kind has no name any more is still shown.</summary>
    public const string Names = "LEFT JOIN simmer_queue q ON q.id = j.queue LEFT JOIN simmer_kind k ON k.id = j.kind";

    private static readonly Sql s_errors =
        new("SELECT run, attempt, at, type, message, detail FROM simmer_error WHERE job = ?1 ORDER BY n");

    /// <summary>Reads all rows of a statement, and the errors of those jobs.</summary>
    public static List<JobRecord> Read(SqliteSession session, Statement statement, Action<Statement>? alsoRead = null)
    {
        var records = new List<JobRecord>();
        var withErrors = new List<int>();
        while (statement.Step())
        {
            if (statement.Long(21) > 0)
            {
                withErrors.Add(records.Count);
            }

            records.Add(ReadRow(statement));
            alsoRead?.Invoke(statement);
        }

        foreach (var i in withErrors)
        {
            records[i] = records[i] with { Errors = ReadErrors(session, records[i].Id) };
        }

        return records;
    }

    /// <summary>A row as it is shown. What cannot be read has a stand-in, and the reason says so: whoever asks for a job gets an answer,
    /// and a list is not lost for one row.</summary>
    private static JobRecord ReadRow(Statement row)
    {
        var id = row.IdOrStandIn(0);
        var problems = new RowProblems();
        _ = problems.Read("id", () => row.Id(0), default);
        if (!row.Bool(StepColumn + 7))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        var step = problems.Read("step", () => StoredStep.Read(row, id, StepColumn), null);
        var record = new JobRecord
        {
            Id = id,
            Queue = row.Text(1),
            Kind = row.Text(2),
            State = problems.Read("state", () => RowProblems.State(row.Whole(3)), JobState.Unknown),
            Version = row.Long(4),
            Priority = problems.Read("priority", () => row.WholeInt(5), 0),
            Run = problems.Read("run", () => RowProblems.Count(row.Whole(6)), 0),
            Attempt = problems.Read("forgiven", () => Math.Max(0, RowProblems.Count(row.Whole(6)) - RowProblems.Count(row.Whole(7))), 0),
            MaxAttempts = problems.Read("max_attempts", () => row.WholeInt(8), 0),
            TimeLimit = problems.Read("time_limit", () => RowProblems.TimeLimit(row.WholeOrNull(31)), null),
            EnqueuedAt = problems.Read("enqueued_at", () => DbTime.From(row.Whole(9)), DateTimeOffset.UnixEpoch),
            DueAt = problems.Read("due_at", () => WholeTime(row, 10), null),
            ExpiresAt = problems.Read("expires_at", () => WholeTime(row, 11), null),
            StartedAt = problems.Read("started_at", () => WholeTime(row, 12), null),
            FinishedAt = problems.Read("finished_at", () => WholeTime(row, 13), null),
            Progress = problems.Read("progress", () => RowProblems.Fraction(row.DoubleOrNull(14)), null),
            ProgressText = row.TextOrNull(15),
            Reason = row.TextOrNull(16),
            CancelRequested = row.Bool(17),
            Stuck = row.Bool(18),
            UniqueKey = row.TextOrNull(19),
            UniqueWhile = problems.Read("held_while", () => (UniqueWhile)row.WholeInt(32), UniqueWhile.Unfinished),
            Tags = problems.Read("tags", () => JsonList.Read(row.TextOrNull(20)), []),
            Payload = row.Blob(22).ToArray(),
            Result = row.IsNull(23) ? (ReadOnlyMemory<byte>?)null : row.Blob(23).ToArray(),
            Worker = row.TextOrNull(24),
            TraceParent = row.TextOrNull(25),
            TraceState = row.TextOrNull(33),
            Workflow = step?.Workflow,
            Step = step?.Name,
        };
        return problems.Text is { } why ? record with { Reason = record.Reason is { } reason ? $"{reason} ({why})" : why } : record;
    }

    private static DateTimeOffset? WholeTime(Statement row, int column) => row.WholeOrNull(column) is { } ticks ? DbTime.From(ticks) : null;

    private static List<AttemptError> ReadErrors(SqliteSession session, JobId id)
    {
        var errors = new List<AttemptError>();
        var statement = session[s_errors].Bind(1, id);
        while (statement.Step())
        {
            errors.Add(new AttemptError(statement.Int(0), statement.Int(1), DbTime.Clamped(statement.Long(2)), statement.Text(3),
                statement.Text(4), statement.TextOrNull(5)));
        }

        return errors;
    }
}
