using System.Globalization;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The columns of the job table, each said once: the lists of columns in the statements, what is bound for them and what is read
/// from them are made from this table when the class is loaded.</summary>
/// <remarks>A new nullable column that travels from a draft through a claim to the history is one <see cref="Carried"/> line here, one line
/// in <see cref="ReadDraft"/>, one line in <see cref="ReadRecord"/>, and a migration. Besides both databases, <see cref="JobDraft"/>,
/// <see cref="JobRecord"/> and memory's <c>Snapshots</c> take it.</remarks>
internal static class JobColumns
{
    /// <summary>A suspect's level. A version that knows no levels writes the flag alone.</summary>
    public const string Level = "CASE WHEN j.suspect THEN coalesce(j.suspicion, 1)::int ELSE 0 END AS suspicion";

    private static readonly List<JobColumn> s_all = [];

    public static readonly JobColumn Seq = Add(new("seq") { Claimed = "j.seq" });
    public static readonly JobColumn Id = Carried("id", "uuid", static (batch, rows) => batch.BindIds(rows, static r => r.Job.Id.Value));

    // A row whose queue or kind has no name any more is still shown.
    public static readonly JobColumn Queue = Add(new("queue", "int", static (batch, rows) => batch.BindAllInts(rows, static r => r.Queue))
    {
        Claimed = "j.queue",
        Moved = "j.queue",
        Reopened = "queue",
        Hot = "coalesce(q.name, '(queue ' || j.queue || ')') AS queue_name",
        Old = "coalesce(q.name, '(queue ' || j.queue || ')')",
    });

    public static readonly JobColumn Kind = Add(new("kind", "int", static (batch, rows) => batch.BindAllInts(rows, static r => r.Kind))
    {
        Claimed = "j.kind",
        Moved = "j.kind",
        Reopened = "kind",
        Hot = "coalesce(k.name, '(kind ' || j.kind || ')') AS kind_name",
        Old = "coalesce(k.name, '(kind ' || j.kind || ')')",
    });

    public static readonly JobColumn State = Add(new("state")
    {
        Moved = "f.state",
        Hot = $"CASE j.state WHEN {JobStates.ReadySuspect} THEN {JobStates.Ready} ELSE j.state END AS state",
        Old = "j.state::int",
    });

    public static readonly JobColumn Rank = Carried("rank", "int", static (batch, rows) => batch.BindAllInts(rows, static r => r.Rank));

    public static readonly JobColumn Run = Add(new("run")
    {
        Claimed = "j.run", Moved = "j.run", Reopened = "run", Hot = "j.run", Old = "j.run",
    });

    // At a retry every run so far is forgiven.
    public static readonly JobColumn Forgiven = Add(new("forgiven")
    {
        Claimed = "j.forgiven",
        Moved = "coalesce(f.forgiven, j.forgiven) AS forgiven",
        Reopened = "run",
        Hot = "j.forgiven",
        Old = "j.forgiven",
    });

    public static readonly JobColumn MaxAttempts = Carried("max_attempts", "int",
        static (batch, rows) => batch.BindAllInts(rows, static r => r.Job.MaxAttempts));

    public static readonly JobColumn Version = Add(new("version")
    {
        Moved = "j.version + 1 AS version",
        Reopened = "version + 1",
        Hot = $"{ProgressRows.Version} AS version",
        Old = "j.version",
    });

    public static readonly JobColumn Errors = Add(new("errors")
    {
        Moved = "coalesce(f.errors, j.errors) AS errors", Reopened = "errors", Hot = "j.errors", Old = "j.errors",
    });

    public static readonly JobColumn EnqueuedAt = Add(new("enqueued_at")
    {
        Inserted = "$1",
        Claimed = "j.enqueued_at",
        Moved = "j.enqueued_at",
        Reopened = "enqueued_at",
        Hot = "j.enqueued_at",
        Old = "j.enqueued_at",
    });

    public static readonly JobColumn DueAt = Add(new("due_at", "bigint", static (batch, rows) => batch.BindLongs(rows, static r => r.Due))
    {
        DraftName = "due", Inserted = "due", Hot = $"CASE j.state WHEN {JobStates.Scheduled} THEN j.due_at END AS due_at", Old = "NULL",
    });

    public static readonly JobColumn StartedAt = Add(new("started_at")
    {
        Moved = "coalesce(f.started, j.started_at) AS started_at",
        Reopened = "started_at",
        Hot = "j.started_at",
        Old = "j.started_at",
    });

    public static readonly JobColumn FinishedAt = Add(new("finished_at")
    {
        Kept = "$1", Hot = "NULL::bigint AS finished_at", Old = "j.finished_at",
    });

    public static readonly JobColumn KeepUntil = Add(new("keep_until") { Moved = "f.keep_until" });

    // After a retry the expiry does not count any more, because an operator wants the job to run now.
    public static readonly JobColumn ExpiresAt = Add(
        new("expires_at", "bigint", static (batch, rows) => batch.BindLongs(rows, static r => r.Expires))
        {
            Claimed = "j.expires_at", Moved = "j.expires_at", Hot = "j.expires_at", Old = "j.expires_at",
        });

    public static readonly JobColumn TimeLimit = Carried("time_limit", "bigint",
        static (batch, rows) => batch.BindLongs(rows, static r => r.Job.TimeLimit?.Ticks));

    public static readonly JobColumn UniqueKey = Carried("unique_key", "text",
        static (batch, rows) => batch.BindTexts(rows, static r => r.Job.UniqueKey), isOfSteps: false);

    public static readonly JobColumn HeldWhile = Carried("held_while", "int",
        static (batch, rows) => batch.BindInts(rows, static r => r.Job.UniqueKey is null ? null : (int)r.Job.UniqueWhile),
        isOfSteps: false, inserted: "coalesce(held_while, 0)");

    public static readonly JobColumn Progress = Add(new("progress")
    {
        Moved = "coalesce(f.progress, j.progress) AS progress",
        Reopened = "progress",
        Hot = "coalesce(p.progress, j.progress) AS progress",
        Old = "j.progress",
    });

    public static readonly JobColumn ProgressText = Add(new("progress_text")
    {
        Moved = "coalesce(f.progress_text, j.progress_text) AS progress_text",
        Reopened = "progress_text",
        Hot = "coalesce(p.progress_text, j.progress_text) AS progress_text",
        Old = "j.progress_text",
    });

    public static readonly JobColumn Reason = Add(new("reason")
    {
        Moved = $"CASE WHEN f.state = {JobStates.Cancelled} THEN coalesce(f.reason, j.reason) ELSE f.reason END AS reason",
        Hot = "NULL::text AS reason",
        Old = "j.reason",
    });

    public static readonly JobColumn Tags = Carried("tags", "text",
        static (batch, rows) => batch.BindTexts(rows, static r => JsonList.Write(r.Job.Tags)));

    public static readonly JobColumn TraceParent = Carried("trace_parent", "text",
        static (batch, rows) => batch.BindTexts(rows, static r => r.Job.TraceParent));

    public static readonly JobColumn TraceState = Carried("trace_state", "text",
        static (batch, rows) => batch.BindTexts(rows, static r => r.Job.TraceState));

    public static readonly JobColumn Suspicion = Add(new("suspicion") { Claimed = Level });

    public static readonly JobColumn CancelRequested = Add(new("cancel_requested")
    {
        Claimed = "j.cancel_requested", Hot = "j.cancel_requested", Old = "false",
    });

    public static readonly JobColumn Payload = Carried("payload", "bytea",
        static (batch, rows) => batch.BindBytes(rows, static r => r.Job.Payload));

    public static readonly JobColumn Result = Add(new("result") { Moved = "f.result", Hot = "NULL::bytea AS result", Old = "j.result" });

    public static readonly JobColumn Step = Add(new("step") { Claimed = "j.step", Moved = "j.step", Hot = "j.step", Old = "j.step" });
    public static readonly JobColumn Pending = Add(new("pending") { Moved = "j.pending" });
    public static readonly JobColumn Outcomes = Add(new("outcomes") { Moved = "j.outcomes" });
    public static readonly JobColumn Branch = Add(new("branch") { Moved = "f.branch", Hot = "NULL::text AS branch", Old = "j.branch" });

    public static readonly JobColumn FirstAdded = Add(new("first_added")
    {
        Moved = "f.first_added", Hot = "NULL::int AS first_added", Old = "j.first_added",
    });

    public static readonly JobColumn Added = Add(new("added") { Moved = "f.added", Hot = "NULL::int AS added", Old = "j.added" });

    public static readonly JobColumn Stuck = Add(new("stuck")
    {
        Hot = $"j.stuck OR coalesce(p.stuck AND j.state = {JobStates.Running}, false) AS stuck", Old = "false",
    });

    public static readonly JobColumn Worker = Add(new("worker")
    {
        Hot = "(SELECT w.name FROM simmer.worker w WHERE w.id = j.owner) AS worker", Old = "NULL",
    });

    public static readonly JobColumn Named = Add(new("named")
    {
        Hot = "q.id IS NOT NULL AND k.id IS NOT NULL AS named", Old = "q.id IS NOT NULL AND k.id IS NOT NULL",
    });

    private static readonly JobColumn[] s_drafts = [.. s_all.Where(static c => c.Bind is not null)];
    private static readonly JobColumn[] s_steps = [.. s_drafts.Where(static c => c.IsOfSteps)];

    /// <summary>The columns that an insert of jobs writes, as far as they come from the drafts.</summary>
    public static readonly string Inserted = List(static c => c.Inserted is null ? null : c.Name);

    /// <summary>What it writes into them, from the values that <see cref="DraftNames"/> names; $1 is the present time.</summary>
    public static readonly string InsertedValues = List(static c => c.Inserted);

    /// <summary>The values of the drafts, in the order of <see cref="BindDrafts"/>.</summary>
    public static readonly string DraftNames = string.Join(", ", s_drafts.Select(static c => c.DraftName));

    /// <summary>The same lists for steps of workflows, which have no unique key.</summary>
    public static readonly string InsertedOfSteps = List(static c => c is { Inserted: not null, IsOfSteps: true } ? c.Name : null);

    /// <inheritdoc cref="InsertedOfSteps"/>
    public static readonly string InsertedValuesOfSteps = List(static c => c.IsOfSteps ? c.Inserted : null);

    /// <inheritdoc cref="InsertedOfSteps"/>
    public static readonly string DraftNamesOfSteps = string.Join(", ", s_steps.Select(static c => c.DraftName));

    /// <summary>What a claim reads of a row j.</summary>
    public static readonly string Claimed = List(static c => c.Claimed);

    /// <summary>How many columns that are.</summary>
    public static readonly int ClaimedCount = s_all.Count(static c => c.Claimed is not null);

    /// <summary>What leaves the job table with a row j that ends as f says.</summary>
    public static readonly string Moved = List(static c => c.Moved);

    /// <summary>The columns of the history.</summary>
    public static readonly string History = List(static c => c.IsKept ? c.Name : null);

    /// <summary>What is written into them of a row that was moved; $1 is the present time.</summary>
    public static readonly string HistoryValues = List(static c => c.Kept ?? (c.IsKept ? c.Name : null));

    /// <summary>The columns of the job table that a retry fills from a row of the history.</summary>
    public static readonly string Reopened = List(static c => c.Reopened is null ? null : c.Name);

    /// <summary>What it writes into them.</summary>
    public static readonly string ReopenedValues = List(static c => c.Reopened);

    /// <summary>What the browser reads of a row j of the job table, with its queue q, its kind k and its progress p.</summary>
    public static readonly string Hot = List(static c => c.Hot);

    /// <summary>What the browser reads of a row j of the history, with its queue q and its kind k.</summary>
    public static readonly string Old = List(static c => c.Old);

    /// <summary>How many arrays <see cref="BindDrafts"/> binds.</summary>
    public static int DraftCount => s_drafts.Length;

    /// <summary>How many arrays <see cref="BindSteps"/> binds.</summary>
    public static int StepCount => s_steps.Length;

    /// <summary>The arrays of the drafts as parameters from a number on.</summary>
    public static string DraftArrays(int first) => Arrays(s_drafts, first);

    /// <summary>The arrays of steps as parameters from a number on.</summary>
    public static string StepArrays(int first) => Arrays(s_steps, first);

    /// <summary>Binds what is stored of jobs, an array a column.</summary>
    public static void BindDrafts(SqlBatch batch, IReadOnlyList<JobRow> rows) => Bind(batch, s_drafts, rows);

    /// <summary>Binds what is stored of steps, an array a column.</summary>
    public static void BindSteps(SqlBatch batch, IReadOnlyList<JobRow> rows) => Bind(batch, s_steps, rows);

    /// <summary>Reads the job of a row that was claimed.</summary>
    /// <param name="row">A row with the columns of <see cref="Claimed"/>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="queue">The name of its queue.</param>
    /// <param name="kind">The name of its kind.</param>
    public static JobDraft ReadDraft(NpgsqlDataReader row, JobId id, string queue, string kind) => new()
    {
        Id = id,
        Queue = queue,
        Kind = kind,
        Priority = ~row.GetInt32(Rank.InClaim),
        MaxAttempts = row.GetInt32(MaxAttempts.InClaim),
        ExpiresAt = row.TimeOrNull(ExpiresAt.InClaim),
        TimeLimit = RowProblems.TimeLimit(row.LongOrNull(TimeLimit.InClaim)),
        UniqueKey = row.TextOrNull(UniqueKey.InClaim),
        UniqueWhile = (UniqueWhile)row.GetInt16(HeldWhile.InClaim),
        Tags = JsonList.Read(row.TextOrNull(Tags.InClaim)),
        TraceParent = row.TextOrNull(TraceParent.InClaim),
        TraceState = row.TextOrNull(TraceState.InClaim),
        Payload = row.Bytes(Payload.InClaim),
        Step = row.StepOrNull(Step.InClaim, id),
    };

    /// <summary>Reads a row to be shown. A value that cannot be read is replaced, and the reason names it, so that a look-up is answered
    /// and a list is not lost because of one row.</summary>
    /// <param name="row">A row with the columns of <see cref="Hot"/> or <see cref="Old"/>.</param>
    public static JobRecord ReadRecord(NpgsqlDataReader row)
    {
        var id = row.Id(Id.Shown);
        var problems = new RowProblems();
        if (!row.GetBoolean(Named.Shown))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        var step = problems.Read("step", () => row.StepOrNull(Step.Shown, id), null);
        var record = new JobRecord
        {
            Id = id,
            Queue = row.GetString(Queue.Shown),
            Kind = row.GetString(Kind.Shown),
            State = problems.Read("state", () => RowProblems.State(row.GetInt32(State.Shown)), JobState.Unknown),
            Version = row.GetInt32(Version.Shown),
            Priority = ~row.GetInt32(Rank.Shown),
            Run = problems.Read("run", () => RowProblems.Count(row.GetInt32(Run.Shown)), 0),
            Attempt = Math.Max(0, row.GetInt32(Run.Shown) - row.GetInt32(Forgiven.Shown)),
            MaxAttempts = row.GetInt32(MaxAttempts.Shown),
            TimeLimit = problems.Read("time_limit", () => RowProblems.TimeLimit(row.LongOrNull(TimeLimit.Shown)), null),
            EnqueuedAt = problems.Read("enqueued_at", () => row.Time(EnqueuedAt.Shown), DateTimeOffset.UnixEpoch),
            DueAt = problems.Read("due_at", () => row.TimeOrNull(DueAt.Shown), null),
            ExpiresAt = problems.Read("expires_at", () => row.TimeOrNull(ExpiresAt.Shown), null),
            StartedAt = problems.Read("started_at", () => row.TimeOrNull(StartedAt.Shown), null),
            FinishedAt = problems.Read("finished_at", () => row.TimeOrNull(FinishedAt.Shown), null),
            Progress = problems.Read("progress", () => RowProblems.Fraction(row.DoubleOrNull(Progress.Shown)), null),
            ProgressText = row.TextOrNull(ProgressText.Shown),
            Reason = row.TextOrNull(Reason.Shown),
            CancelRequested = row.GetBoolean(CancelRequested.Shown),
            Stuck = row.GetBoolean(Stuck.Shown),
            UniqueKey = row.TextOrNull(UniqueKey.Shown),
            UniqueWhile = (UniqueWhile)row.GetInt16(HeldWhile.Shown),
            Tags = problems.Read("tags", () => JsonList.Read(row.TextOrNull(Tags.Shown)), []),
            Payload = row.Bytes(Payload.Shown),
            Result = row.BytesOrNull(Result.Shown),
            Worker = row.TextOrNull(Worker.Shown),
            TraceParent = row.TextOrNull(TraceParent.Shown),
            TraceState = row.TextOrNull(TraceState.Shown),
            Workflow = step?.Workflow,
            Step = step?.Name,
        };
        return problems.Text is { } why ? record with { Reason = record.Reason is { } reason ? $"{reason} ({why})" : why } : record;
    }

    /// <summary>A column that comes with a draft and goes everywhere unchanged: to a claim, to the history, back from it, and to the
    /// browser.</summary>
    private static JobColumn Carried(string name, string type, Action<SqlBatch, IReadOnlyList<JobRow>> bind, bool isOfSteps = true,
        string? inserted = null) => Add(new JobColumn(name, type, bind)
    {
        IsOfSteps = isOfSteps,
        Inserted = inserted ?? name,
        Claimed = $"j.{name}",
        Moved = $"j.{name}",
        Reopened = name,
        Hot = $"j.{name}",
        Old = $"j.{name}",
    });

    private static JobColumn Add(JobColumn column)
    {
        column.InClaim = column.Claimed is null ? -1 : s_all.Count(static c => c.Claimed is not null);
        column.Shown = column.Hot is null ? -1 : s_all.Count(static c => c.Hot is not null);
        s_all.Add(column);
        return column;
    }

    private static string List(Func<JobColumn, string?> part) => string.Join(", ", s_all.Select(part).OfType<string>());

    private static string Arrays(JobColumn[] columns, int first) =>
        string.Join(", ", columns.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"${first + i}::{c.Type}[]")));

    private static void Bind(SqlBatch batch, JobColumn[] columns, IReadOnlyList<JobRow> rows)
    {
        foreach (var column in columns)
        {
            column.Bind!(batch, rows);
        }
    }
}
