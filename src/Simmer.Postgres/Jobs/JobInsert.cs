using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The statements that store jobs of drafts which are no steps, in a few forms: whether some may start here
/// (<see cref="RunStart"/>), and what may be in the way of them.</summary>
internal static class JobInsert
{
    // The conditions name the parameters that only a dispatch needs, or the server would not know their types.
    private static readonly string s_ready = $"""
        INSERT INTO simmer.job({JobColumns.Inserted}, state, ready_at)
        SELECT {JobColumns.InsertedValues}, CASE WHEN due IS NULL THEN {JobStates.Ready} ELSE {JobStates.Scheduled} END,
            CASE WHEN due IS NULL THEN $1 END
        FROM {DraftArrays.Rows} WHERE $2::bigint IS NULL AND $3::int[] IS NULL
        """;

    // Only where a caller chose an id: looking through the partitions of the history costs more than the insert.
    // The ids of a workflow's steps are its own with the number in the last six digits.
    private const string UnlessEnded = """
         AND NOT (given AND (EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = e.id)
             OR EXISTS(SELECT 1 FROM simmer.workflow w WHERE w.id = overlay(e.id::text placing '000000' from 31)::uuid)))
        """;

    // In the order of the flush: numbers are given as the rows come.
    private const string Tail = " ORDER BY n ON CONFLICT DO NOTHING RETURNING id, state, queue, rank";

    // Without a chosen id or key nothing can be in the way, and looking for it takes a fifth of the insert. If there is something after
    // all, the flush is sent once more behind savepoints.
    private const string FreshTail = " ORDER BY n RETURNING id, state, queue, rank";

    private static readonly string s_insert = s_ready + Tail;
    private static readonly string s_insertFresh = s_ready + FreshTail;
    private static readonly string s_insertGiven = s_ready + UnlessEnded + Tail;
    private static readonly string s_dispatch = RunStart.Dispatch + Tail;
    private static readonly string s_dispatchFresh = RunStart.Dispatch + FreshTail;
    private static readonly string s_dispatchGiven = RunStart.Dispatch + UnlessEnded + Tail;

    // The insert sees the history as it was when the statement began, and a row of the same id as it is now. A job that ends in between is
    // in neither. So ids that a caller chose are looked for once more, by a statement of its own. A job cannot end after its insert,
    // because the row is not committed; and a transaction that ended it before has committed, because the insert waited for it. A row of
    // this insert is known by its time; one of another insert that is in both tables is not touched.
    private const string TakeBackSql = """
        DELETE FROM simmer.job j USING unnest($1::uuid[]) AS g(id)
        WHERE j.id = ANY(ARRAY[g.id]) AND j.enqueued_at = $2 AND j.run <= 1
            AND EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = ANY(ARRAY[g.id]))
        RETURNING j.id, (SELECT h.state FROM simmer.history h WHERE h.id = ANY(ARRAY[j.id]) ORDER BY h.finished_at DESC LIMIT 1)
        """;

    // A transaction that sees the past may see the ended job's own row as well, which is the older: that is not touched.
    private const string TakeOutSql =
        "DELETE FROM simmer.job j WHERE j.id = ANY($1) AND j.seq = (SELECT max(m.seq) FROM simmer.job m WHERE m.id = ANY(ARRAY[j.id]))";

    /// <summary>The statement for rows.</summary>
    /// <param name="dispatches">Whether any of them may start here.</param>
    /// <param name="isGiven">Whether callers chose ids among them.</param>
    /// <param name="isFresh">Whether nothing can be in their way.</param>
    public static string Text(bool dispatches, bool isGiven, bool isFresh) =>
        dispatches
            ? (isGiven ? s_dispatchGiven : isFresh ? s_dispatchFresh : s_dispatch)
            : (isGiven ? s_insertGiven : isFresh ? s_insertFresh : s_insert);

    /// <summary>Takes out again what the insert stored although it had ended under its id.</summary>
    /// <param name="batch">Takes the statement, behind the insert.</param>
    /// <param name="rows">The rows whose ids callers chose.</param>
    /// <param name="at">The time of the insert.</param>
    /// <param name="takenBack">Told of each that was taken out, with the state that it had ended in.</param>
    public static void TakeBack(SqlBatch batch, IReadOnlyList<JobRow> rows, DateTimeOffset at, Action<JobId, JobState> takenBack) => batch
        .Add(TakeBackSql).BindIds(rows, static r => r.Job.Id.Value).Bind(DbTime.Of(at))
        .Each(row => takenBack(row.Id(0), (JobState)row.GetInt16(1)));

    /// <summary>Takes out again what this transaction has stored of jobs that have ended, as another connection has found.</summary>
    public static Task TakeOutAsync(Session session, IReadOnlyList<JobDraft> jobs) =>
        session.Batch().Add(TakeOutSql).BindIds(jobs, static job => job.Id.Value).RunAsync();
}
