using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // The arrays of the drafts, and with each its place and what its caller wants; then the marks of the queues from which a job may start.
    private static readonly int s_given = FirstDraft + JobColumns.DraftCount;

    private static readonly string s_insertArrays = string.Create(CultureInfo.InvariantCulture, $"""
        unnest({JobColumns.DraftArrays(FirstDraft)}, ${s_given}::boolean[], ${s_given + 1}::boolean[])
          WITH ORDINALITY AS e({JobColumns.DraftNames}, given, wants, n)
        """);

    // In the order of the flush: numbers are given as the rows come.
    private static readonly string s_insertHead = $"""
        INSERT INTO simmer.job({JobColumns.Inserted}, state, ready_at)
        SELECT {JobColumns.InsertedValues}, CASE WHEN due IS NULL THEN 3 ELSE 2 END, CASE WHEN due IS NULL THEN $1 END
        FROM {s_insertArrays} WHERE $2::bigint IS NULL AND $3::int[] IS NULL
        """;

    // Whether a job starts here is decided by the insert itself: its queue does not rest, and no ready row is before it. Asked once a
    // queue, from the mark on below which nothing is ready. OFFSET 0 keeps it so: the planner would otherwise put the two looks into every
    // place that the answer is used in, plan them twenty times and take them for every row, a third of the insert's time.
    private static readonly string s_dispatchHead = string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO simmer.job({JobColumns.Inserted}, state, ready_at, run, owner, started_at)
        SELECT {JobColumns.InsertedValues},
          CASE WHEN due IS NOT NULL THEN 2 WHEN starts THEN 4 ELSE 3 END, CASE WHEN due IS NULL AND NOT starts THEN $1 END,
          CASE WHEN starts THEN 1 ELSE 0 END, CASE WHEN starts THEN $2 END, CASE WHEN starts THEN $1 END
        FROM (SELECT e.*, coalesce(wants AND q.free AND (q.best IS NULL OR q.best > e.rank), false) AS starts FROM {s_insertArrays} LEFT
            JOIN (
            SELECT t.queue, NOT q.paused AS free, least(
              (SELECT j.rank FROM simmer.job j WHERE j.queue = t.queue AND j.state = 3 AND (j.rank, j.seq) >= (t.rank, t.seq)
                  ORDER BY j.rank, j.seq LIMIT 1),
              (SELECT j.rank FROM simmer.job j WHERE j.queue = t.queue AND j.state = 9 ORDER BY j.rank, j.seq LIMIT 1)) AS best
            FROM unnest($3::int[], ${s_given + 2}::int[], ${s_given + 3}::bigint[]) AS t(queue, rank, seq)
                JOIN simmer.queue q ON q.id = t.queue OFFSET 0) q
                ON q.queue = e.queue) e WHERE true
        """);

    /// <summary>The number of the first array of the drafts among the parameters of an insert; the time, the worker and the queues are
    /// before it.</summary>
    private const int FirstDraft = 4;

    // Only where a caller chose an id: looking through the partitions of the history costs more than the insert.
    // The ids of a workflow's steps are its own with the number in the last six digits.
    private const string UnlessEnded = """
         AND NOT (given AND (EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = e.id)
             OR EXISTS(SELECT 1 FROM simmer.workflow w WHERE w.id = overlay(e.id::text placing '000000' from 31)::uuid)))
        """;

    private const string InsertTail = " ORDER BY n ON CONFLICT DO NOTHING RETURNING id, state, queue, rank";

    // Where nobody chose an id or a key nothing is in the way, and looking for it takes a fifth of the insert. If there is something after
    // all, the flush goes the careful way.
    private const string FreshTail = " ORDER BY n RETURNING id, state, queue, rank";

    private static readonly string s_insert = s_insertHead + InsertTail;
    private static readonly string s_insertFresh = s_insertHead + FreshTail;
    private static readonly string s_insertGiven = s_insertHead + UnlessEnded + InsertTail;
    private static readonly string s_dispatch = s_dispatchHead + InsertTail;
    private static readonly string s_dispatchFresh = s_dispatchHead + FreshTail;
    private static readonly string s_dispatchGiven = s_dispatchHead + UnlessEnded + InsertTail;

    // The insert looks into the history as it was when the statement began, and for a row of the same id as it is now: a job that ends in
    // between is in neither. So ids that a caller chose are looked for once more, by a statement of its own. Nobody can end one after its
    // insert, because the row is not committed; and whoever ended it before has committed, because the insert waited for that transaction.
    // A row of this insert is known by its time: one of another insert that is in both tables is not touched.
    private const string TakeBackSql = """
        DELETE FROM simmer.job j USING unnest($1::uuid[]) AS g(id)
        WHERE j.id = ANY(ARRAY[g.id]) AND j.enqueued_at = $2 AND j.run <= 1
            AND EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = ANY(ARRAY[g.id]))
        RETURNING j.id, (SELECT h.state FROM simmer.history h WHERE h.id = ANY(ARRAY[j.id]) ORDER BY h.finished_at DESC LIMIT 1)
        """;

    /// <summary>Stores the jobs of a flush that goes the careful way if a row is refused. What is added to the batch last is not sent
    /// yet.</summary>
    private static async Task StoreAsync(Session session, SqlBatch batch, EnqueueBatch storing, bool careful)
    {
        if (!careful && !storing.HasCallsWithGivenIds)
        {
            storing.InsertFresh(session, batch);
            return;
        }

        // In the order of the flush, in which the database numbers them; and what a call of several cannot store is known before it is.
        var together = new List<int>();
        foreach (var part in storing.Parts())
        {
            if (!careful && !storing.IsCallWithGivenIds(part))
            {
                together.AddRange(part);
                continue;
            }

            storing.InsertFresh(session, batch, together);
            together.Clear();
            await batch.RunAsync();
            var refused = await session.TryAsync($"store {storing.IdOf(part)}", async () =>
            {
                var one = session.Batch();
                storing.Insert(session, one, part);
                await one.RunAsync();
                if (storing.IsCallWithGivenIds(part) && await storing.RefusesTakenAsync(session, part))
                {
                    await session.Batch().Add("ROLLBACK TO one").RunAsync();
                }
            });
            if (refused is not null)
            {
                storing.Refuse(part, refused);
            }
        }

        storing.InsertFresh(session, batch, together);
    }

    private static EnqueueReport Refused(JobDraft job, StoreException error) => new(EnqueueStatus.Refused, job.Id, JobState.Unknown, error);

    /// <summary>The best rank among the jobs of this statement that will be ready, and among those that will be if they are no
    /// duplicates.</summary>
    private readonly record struct Top(long Sure, long Unsure)
    {
        public static readonly Top None = new(long.MaxValue, long.MaxValue);

        public Top With(int rank, bool sure) =>
            sure ? this with { Sure = Math.Min(Sure, rank) } : this with { Unsure = Math.Min(Unsure, rank) };
    }
}
