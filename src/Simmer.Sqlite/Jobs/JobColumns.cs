using System.Globalization;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The columns of the job table, each in one place. The column lists of the statements, the binders and the readers are made from
/// this table when the class is loaded.</summary>
/// <remarks>A new nullable column that travels from a draft through a claim to the history is one <see cref="Carried"/> line here, one line
/// in <see cref="ReadDraft"/>, one line in <see cref="ReadRecord"/>, and a migration. Besides both databases, <see cref="JobDraft"/>,
/// <see cref="JobRecord"/> and memory's <c>Snapshots</c> take it.</remarks>
internal static class JobColumns
{
    private static readonly List<JobColumn> s_all = [];

    public static readonly JobColumn Seq = Add(new("seq") { Claimed = true });
    public static readonly JobColumn Id = Carried("id", static (s, p, in r) => s.Bind(p, r.Job.Id));

    // A row whose queue or kind has no name any more is still shown.
    public static readonly JobColumn Queue = Add(new("queue", static (s, p, in r) => s.Bind(p, r.Queue))
    {
        Claimed = true,
        Kept = "queue",
        Reopened = "queue",
        Hot = "coalesce(q.name, '(queue ' || j.queue || ')')",
        Old = "coalesce(q.name, '(queue ' || j.queue || ')')",
    });

    public static readonly JobColumn Kind = Add(new("kind", static (s, p, in r) => s.Bind(p, r.Kind))
    {
        Claimed = true,
        Kept = "kind",
        Reopened = "kind",
        Hot = "coalesce(k.name, '(kind ' || j.kind || ')')",
        Old = "coalesce(k.name, '(kind ' || j.kind || ')')",
    });

    public static readonly JobColumn State = Add(new("state", static (s, p, in r) => s.Bind(p, (long)r.State))
    {
        Kept = "?2",
        Reopened = "?3",
        Hot = $"CASE j.state WHEN {JobStates.ReadySuspect} THEN {JobStates.Ready} ELSE j.state END",
        Old = "j.state",
    });

    public static readonly JobColumn Priority = Carried("priority", static (s, p, in r) => s.Bind(p, r.Job.Priority));

    public static readonly JobColumn Run = Add(new("run", static (s, p, in r) => s.Bind(p, r.Starter is null ? 0L : 1L))
    {
        Claimed = true, Kept = "run", Reopened = "run", Hot = "j.run", Old = "j.run",
    });

    // At a retry every run so far is forgiven.
    public static readonly JobColumn Forgiven = Add(new("forgiven")
    {
        Constant = "0", Claimed = true, Kept = "coalesce(?3, forgiven)", Reopened = "run", Hot = "j.forgiven", Old = "j.forgiven",
    });

    public static readonly JobColumn MaxAttempts = Carried("max_attempts", static (s, p, in r) => s.Bind(p, r.Job.MaxAttempts));

    public static readonly JobColumn Owner = Add(new("owner", static (s, p, in r) => s.Bind(p, r.Starter))
    {
        Hot = "(SELECT w.name FROM simmer_worker w WHERE w.id = j.owner)", Old = "NULL",
    });

    public static readonly JobColumn EnqueuedAt = Carried("enqueued_at", static (s, p, in r) => s.Bind(p, r.At));

    public static readonly JobColumn ReadyAt = Add(
        new("ready_at", static (s, p, in r) => s.Bind(p, r.State == JobState.Ready ? r.At : null)) { Reopened = "?2" });

    public static readonly JobColumn StartedAt = Add(
        new("started_at", static (s, p, in r) => s.Bind(p, r.Starter is null ? null : r.At))
        {
            Kept = "coalesce(?5, started_at)", Reopened = "started_at", Hot = "j.started_at", Old = "j.started_at",
        });

    public static readonly JobColumn DueAt = Add(new("due_at", static (s, p, in r) => s.Bind(p, r.Due))
    {
        Reopened = "NULL", Hot = $"CASE j.state WHEN {JobStates.Scheduled} THEN j.due_at END", Old = "NULL",
    });

    // After a retry the expiry does not count any more, because an operator wants the job to run now.
    public static readonly JobColumn ExpiresAt = Add(new("expires_at", static (s, p, in r) => s.Bind(p, r.Expires))
    {
        Claimed = true, Kept = "expires_at", Hot = "j.expires_at", Old = "j.expires_at",
    });

    public static readonly JobColumn TimeLimit = Carried("time_limit", static (s, p, in r) => s.Bind(p, r.Job.TimeLimit?.Ticks));
    public static readonly JobColumn UniqueKey = Carried("unique_key", static (s, p, in r) => s.Bind(p, r.Job.UniqueKey), isOfSteps: false);

    public static readonly JobColumn HeldWhile = Carried("held_while", static (s, p, in r) => s.Bind(p, (long)r.Job.UniqueWhile),
        isOfSteps: false);

    public static readonly JobColumn Tags = Carried("tags", static (s, p, in r) => s.Bind(p, JsonList.Write(r.Job.Tags)));
    public static readonly JobColumn TraceParent = Carried("trace_parent", static (s, p, in r) => s.Bind(p, r.Job.TraceParent));
    public static readonly JobColumn TraceState = Carried("trace_state", static (s, p, in r) => s.Bind(p, r.Job.TraceState));

    /// <summary>A suspect's level; 0: it is none.</summary>
    public static readonly JobColumn Suspect = Add(new("suspect") { Claimed = true });

    public static readonly JobColumn CancelRequested = Add(new("cancel_requested")
    {
        Claimed = true, Hot = "j.cancel_requested", Old = "0",
    });

    public static readonly JobColumn Payload = Carried("payload", static (s, p, in r) => s.Bind(p, r.Job.Payload.Span));

    public static readonly JobColumn Version = Add(new("version", static (s, p, in r) => s.Bind(p, r.StepVersion))
    {
        HasDefault = true, Kept = "version + 1", Reopened = "version + 1", Hot = "j.version", Old = "j.version",
    });

    public static readonly JobColumn Step = Add(new("step", static (s, p, in r) => s.Bind(p, r.Job.Step!.Write()))
    {
        IsOfJobs = false, Claimed = true, Kept = "step", Reopened = "step", Hot = "j.step", Old = "j.step",
    });

    public static readonly JobColumn Pending = Add(new("pending", static (s, p, in r) => s.Bind(p, (long)r.Job.Step!.Pending))
    {
        IsOfJobs = false, Kept = "pending", Reopened = "pending",
    });

    public static readonly JobColumn Outcomes = Add(new("outcomes")
    {
        IsOfJobs = false, Constant = "0", Kept = "outcomes", Reopened = "outcomes",
    });

    public static readonly JobColumn Errors = Add(new("errors")
    {
        Kept = "coalesce(?4, errors)", Reopened = "errors", Hot = "j.errors", Old = "j.errors",
    });

    public static readonly JobColumn FinishedAt = Add(new("finished_at") { Kept = "?6", Hot = "NULL", Old = "j.finished_at" });
    public static readonly JobColumn KeepUntil = Add(new("keep_until") { Kept = "?7" });

    public static readonly JobColumn Progress = Add(new("progress")
    {
        Kept = "coalesce(?8, progress)", Reopened = "progress", Hot = "j.progress", Old = "j.progress",
    });

    public static readonly JobColumn ProgressText = Add(new("progress_text")
    {
        Kept = "coalesce(?9, progress_text)", Reopened = "progress_text", Hot = "j.progress_text", Old = "j.progress_text",
    });

    public static readonly JobColumn Stuck = Add(new("stuck") { Hot = "j.stuck", Old = "0" });
    public static readonly JobColumn Reason = Add(new("reason") { Kept = "?10", Hot = "NULL", Old = "j.reason" });
    public static readonly JobColumn Result = Add(new("result") { Kept = "?11", Hot = "NULL", Old = "j.result" });
    public static readonly JobColumn Branch = Add(new("branch") { IsOfJobs = false, Kept = "?14", Hot = "NULL", Old = "j.branch" });

    public static readonly JobColumn FirstAdded = Add(new("first_added")
    {
        IsOfJobs = false, Kept = "?15", Hot = "0", Old = "j.first_added",
    });

    public static readonly JobColumn Added = Add(new("added") { IsOfJobs = false, Kept = "?16", Hot = "0", Old = "j.added" });

    public static readonly JobColumn Named = Add(new("named")
    {
        Hot = "q.id IS NOT NULL AND k.id IS NOT NULL", Old = "q.id IS NOT NULL AND k.id IS NOT NULL",
    });

    // What only a step has is not in the lists of jobs that stand alone, which would pay for it; though a retry may be of both.
    private static readonly JobColumn[] s_jobs = [.. s_all.Where(static c => c is { Bind: not null, IsOfJobs: true, HasDefault: false })];
    private static readonly JobColumn[] s_steps = [.. s_all.Where(static c => c is { Bind: not null, IsOfSteps: true })];

    /// <summary>The columns that an insert of a job that stands alone writes.</summary>
    public static readonly string Inserted = List(static c => OfJobs(c) is not null ? c.Name : null);

    /// <summary>What it writes into them, as <see cref="BindJob"/> binds it.</summary>
    public static readonly string InsertedValues = List(OfJobs);

    /// <summary>The same lists for steps of workflows, which have no unique key.</summary>
    public static readonly string InsertedOfSteps = List(static c => c.IsOfSteps && Value(c) is not null ? c.Name : null);

    /// <inheritdoc cref="InsertedOfSteps"/>
    public static readonly string InsertedValuesOfSteps = List(static c => c.IsOfSteps ? Value(c) : null);

    /// <summary>What a claim reads of a row.</summary>
    public static readonly string Claimed = List(static c => c.Claimed ? c.Name : null);

    /// <summary>How many columns that are: what else a statement reads comes after them.</summary>
    public static readonly int ClaimedCount = s_all.Count(static c => c.Claimed);

    /// <summary>The columns of the history for a job that stands alone.</summary>
    public static readonly string History = List(static c => c is { IsOfJobs: true, Kept: not null } ? c.Name : null);

    /// <summary>What is written into them of a row of the job table. The row is copied inside SQLite: payload, tags and trace never come
    /// up.</summary>
    public static readonly string HistoryValues = List(static c => c.IsOfJobs ? c.Kept : null);

    /// <summary>The same lists for any job, be it a step of a workflow.</summary>
    public static readonly string HistoryOfSteps = List(static c => c.Kept is null ? null : c.Name);

    /// <inheritdoc cref="HistoryOfSteps"/>
    public static readonly string HistoryValuesOfSteps = List(static c => c.Kept);

    /// <summary>The columns of the job table that a retry fills from a row of the history.</summary>
    public static readonly string Reopened = List(static c => c.Reopened is null ? null : c.Name);

    /// <summary>What it writes into them.</summary>
    public static readonly string ReopenedValues = List(static c => c.Reopened);

    /// <summary>What the browser reads of a row j of the job table, with its queue q and its kind k. The id comes first.</summary>
    public static readonly string Hot = List(static c => c.Hot is null ? null : $"{c.Hot} AS {c.Name}");

    /// <summary>What the browser reads of a row j of the history.</summary>
    public static readonly string Old = List(static c => c.Old is null ? null : $"{c.Old} AS {c.Name}");

    /// <summary>Binds what is stored of a job that stands alone.</summary>
    public static Statement BindJob(Statement statement, in JobRow row) => Bind(statement, s_jobs, row);

    /// <summary>Binds what is stored of a step.</summary>
    public static Statement BindStep(Statement statement, in JobRow row) => Bind(statement, s_steps, row);

    /// <summary>Reads the job of a row that was claimed.</summary>
    /// <param name="row">A row with the columns of <see cref="Claimed"/>.</param>
    /// <param name="id">Its id.</param>
    /// <param name="queue">The name of its queue.</param>
    /// <param name="kind">The name of its kind.</param>
    public static JobDraft ReadDraft(Statement row, JobId id, string queue, string kind) => new()
    {
        Id = id,
        Queue = queue,
        Kind = kind,
        Priority = row.WholeInt(Priority.InClaim),
        MaxAttempts = row.WholeInt(MaxAttempts.InClaim),
        ExpiresAt = row.WholeTimeOrNull(ExpiresAt.InClaim),
        TimeLimit = RowProblems.TimeLimit(row.WholeOrNull(TimeLimit.InClaim)),
        UniqueKey = row.TextOrNull(UniqueKey.InClaim),
        UniqueWhile = (UniqueWhile)row.WholeInt(HeldWhile.InClaim),
        Tags = JsonList.Read(row.TextOrNull(Tags.InClaim)),
        TraceParent = row.TextOrNull(TraceParent.InClaim),
        TraceState = row.TextOrNull(TraceState.InClaim),
        Payload = row.Blob(Payload.InClaim).ToArray(),
        Step = StoredStep.Read(row, id, Step.InClaim),
    };

    /// <summary>Reads a row to be shown. A value that cannot be read is replaced, and the reason names it, so that a look-up is answered
    /// and a list is not lost because of one row.</summary>
    /// <param name="row">A row with the columns of <see cref="Hot"/> or <see cref="Old"/>.</param>
    public static JobRecord ReadRecord(Statement row)
    {
        var id = row.IdOrStandIn(Id.Shown);
        var problems = new RowProblems();
        _ = problems.Read("id", () => row.Id(Id.Shown), default);
        if (!row.Bool(Named.Shown))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        var step = problems.Read("step", () => StoredStep.Read(row, id, Step.Shown), null);
        var run = problems.Read("run", () => RowProblems.Count(row.Whole(Run.Shown)), 0);
        var record = new JobRecord
        {
            Id = id,
            Queue = row.Text(Queue.Shown),
            Kind = row.Text(Kind.Shown),
            State = problems.Read("state", () => RowProblems.State(row.Whole(State.Shown)), JobState.Unknown),
            Version = row.Long(Version.Shown),
            Priority = problems.Read("priority", () => row.WholeInt(Priority.Shown), 0),
            Run = run,
            Attempt = problems.Read("forgiven", () => Math.Max(0, run - RowProblems.Count(row.Whole(Forgiven.Shown))), 0),
            MaxAttempts = problems.Read("max_attempts", () => row.WholeInt(MaxAttempts.Shown), 0),
            TimeLimit = problems.Read("time_limit", () => RowProblems.TimeLimit(row.WholeOrNull(TimeLimit.Shown)), null),
            EnqueuedAt = problems.Read("enqueued_at", () => DbTime.From(row.Whole(EnqueuedAt.Shown)), DateTimeOffset.UnixEpoch),
            DueAt = problems.Read("due_at", () => row.WholeTimeOrNull(DueAt.Shown), null),
            ExpiresAt = problems.Read("expires_at", () => row.WholeTimeOrNull(ExpiresAt.Shown), null),
            StartedAt = problems.Read("started_at", () => row.WholeTimeOrNull(StartedAt.Shown), null),
            FinishedAt = problems.Read("finished_at", () => row.WholeTimeOrNull(FinishedAt.Shown), null),
            Progress = problems.Read("progress", () => RowProblems.Fraction(row.DoubleOrNull(Progress.Shown)), null),
            ProgressText = row.TextOrNull(ProgressText.Shown),
            Reason = row.TextOrNull(Reason.Shown),
            CancelRequested = row.Bool(CancelRequested.Shown),
            Stuck = row.Bool(Stuck.Shown),
            UniqueKey = row.TextOrNull(UniqueKey.Shown),
            UniqueWhile = problems.Read("held_while", () => (UniqueWhile)row.WholeInt(HeldWhile.Shown), UniqueWhile.Unfinished),
            Tags = problems.Read("tags", () => JsonList.Read(row.TextOrNull(Tags.Shown)), []),
            Payload = row.Blob(Payload.Shown).ToArray(),
            Result = row.IsNull(Result.Shown) ? (ReadOnlyMemory<byte>?)null : row.Blob(Result.Shown).ToArray(),
            Worker = row.TextOrNull(Owner.Shown),
            TraceParent = row.TextOrNull(TraceParent.Shown),
            TraceState = row.TextOrNull(TraceState.Shown),
            Workflow = step?.Workflow,
            Step = step?.Name,
        };
        return problems.Text is { } why ? record with { Reason = record.Reason is { } reason ? $"{reason} ({why})" : why } : record;
    }

    /// <summary>A column that comes with a draft and goes everywhere unchanged: to a claim, to the history, back from it, and to the
    /// browser.</summary>
    private static JobColumn Carried(string name, BindColumn bind, bool isOfSteps = true) => Add(new JobColumn(name, bind)
    {
        IsOfSteps = isOfSteps,
        Claimed = true,
        Kept = name,
        Reopened = name,
        Hot = $"j.{name}",
        Old = $"j.{name}",
    });

    private static JobColumn Add(JobColumn column)
    {
        column.Parameter = column.Bind is null ? 0 : 1 + s_all.Count(static c => c.Bind is not null);
        column.InClaim = column.Claimed ? s_all.Count(static c => c.Claimed) : -1;
        column.Shown = column.Hot is null ? -1 : s_all.Count(static c => c.Hot is not null);
        s_all.Add(column);
        return column;
    }

    private static string List(Func<JobColumn, string?> part) => string.Join(", ", s_all.Select(part).OfType<string>());

    private static string? Value(JobColumn column) =>
        column.Bind is null ? column.Constant : string.Create(CultureInfo.InvariantCulture, $"?{column.Parameter}");

    private static string? OfJobs(JobColumn column) => column is { IsOfJobs: true, HasDefault: false } ? Value(column) : null;

    private static Statement Bind(Statement statement, JobColumn[] columns, in JobRow row)
    {
        foreach (var column in columns)
        {
            column.Bind!(statement, column.Parameter, row);
        }

        return statement;
    }
}
