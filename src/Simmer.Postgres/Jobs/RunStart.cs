using System.Globalization;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The only place that sets a job running: the claim of ready jobs, the claim of one job that was found before, and the insert of
/// a job that starts in the process that stores it.</summary>
internal static class RunStart
{
    private const string Takes =
        $"j.state = {JobStates.Ready} AND j.kind = ANY($3) AND (j.rank, j.seq) >= ($4, $5) AND {Admission.QueueIsOpen}";

    private const string TakesSuspect = $"j.state = {JobStates.ReadySuspect} AND j.kind = ANY($3) AND {Admission.QueueIsOpen}";

    // The best rows are materialised and then joined: where the planner may turn the statement into a scan, a tenth of the jobs is claimed
    // in the same time, with stalls of seconds. A unique key that is held while its job waits is released for good: if the job's return
    // could take it back, a rescue could fail on another job that holds it meanwhile. An expired job is only reported here, and is ended
    // after the commit.
    private const string Start = $"""
        , started AS (
          UPDATE simmer.job j SET state = {JobStates.Running}, run = j.run + 1, owner = $6, started_at = $7, version = j.version + 1,
              unique_key = CASE WHEN j.held_while = 1 THEN NULL ELSE j.unique_key END
          FROM best WHERE j.id = ANY(ARRAY[best.id]) AND NOT best.expired)
        SELECT * FROM best
        """;

    private static readonly string s_columns =
        $"{JobColumns.Claimed}, coalesce(j.expires_at <= $7 AND j.run = j.forgiven, false) AS expired";

    private static readonly string s_claim = $"""
        WITH best AS MATERIALIZED (
          SELECT {s_columns} FROM simmer.job j WHERE j.queue = $1 AND {Takes} ORDER BY j.rank, j.seq LIMIT $2 FOR UPDATE SKIP LOCKED)
        {Start}
        """;

    // Suspects in their places, up to the first for which there is no room: none that comes later overtakes it, or one of a high level
    // would wait for ever for those of lower ones.
    private static readonly string s_claimWithSuspects = $"""
        WITH ready AS MATERIALIZED (
          SELECT {s_columns} FROM simmer.job j WHERE j.queue = $1 AND {Takes} ORDER BY j.rank, j.seq LIMIT $2 FOR UPDATE SKIP LOCKED),
        suspect AS MATERIALIZED (
          SELECT {s_columns} FROM simmer.job j WHERE j.queue = $1 AND {TakesSuspect} ORDER BY j.rank, j.seq LIMIT $8
              FOR UPDATE SKIP LOCKED),
        taken AS (SELECT * FROM suspect s
            WHERE (SELECT $9 + count(*) - 1 <= $10 >> greatest($11, max(b.suspicion)) FROM suspect b
            WHERE (b.rank, b.seq) <= (s.rank, s.seq))),
        best AS MATERIALIZED (SELECT * FROM (SELECT * FROM ready UNION ALL SELECT * FROM taken) j ORDER BY j.rank, j.seq LIMIT $2)
        {Start}
        """;

    // The same while some rows are left alone; and for one row that was found before.
    private static readonly string s_claimAvoiding = Avoiding(s_claim, "$8");
    private static readonly string s_claimWithSuspectsAvoiding = Avoiding(s_claimWithSuspects, "$12");
    private static readonly string s_claimOne = $"""
        WITH best AS MATERIALIZED (
          SELECT {s_columns} FROM simmer.job j WHERE j.id = $2 AND j.state IN {JobStates.Claimable} AND {Admission.QueueIsOpen}
              FOR UPDATE SKIP LOCKED)
        {Start}
        """.Replace("$6", "$3", StringComparison.Ordinal).Replace("$7", "$4", StringComparison.Ordinal);

    /// <summary>The beginning of an insert by which jobs may start here. Whether one does is decided by the insert itself: its queue is
    /// open, and no ready row is before it.</summary>
    // Asked once a queue, from the mark on below which nothing is ready. OFFSET 0 keeps it so: the planner would otherwise put the two
    // looks into every place that the answer is used in, plan them twenty times and take them for every row, a third of the insert's time.
    public static readonly string Dispatch = string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO simmer.job({JobColumns.Inserted}, state, ready_at, run, owner, started_at)
        SELECT {JobColumns.InsertedValues},
          CASE WHEN due IS NOT NULL THEN {JobStates.Scheduled} WHEN starts THEN {JobStates.Running} ELSE {JobStates.Ready} END,
          CASE WHEN due IS NULL AND NOT starts THEN $1 END,
          CASE WHEN starts THEN 1 ELSE 0 END, CASE WHEN starts THEN $2 END, CASE WHEN starts THEN $1 END
        FROM (SELECT e.*, {Admission.Starts} AS starts FROM {DraftArrays.Rows} LEFT
            JOIN (
            SELECT t.queue, {Admission.IsOpen} AS free, least(
              (SELECT j.rank FROM simmer.job j WHERE j.queue = t.queue AND j.state = {JobStates.Ready}
                  AND (j.rank, j.seq) >= (t.rank, t.seq) ORDER BY j.rank, j.seq LIMIT 1),
              (SELECT j.rank FROM simmer.job j WHERE j.queue = t.queue AND j.state = {JobStates.ReadySuspect}
                  ORDER BY j.rank, j.seq LIMIT 1)) AS best
            FROM unnest($3::int[], ${DraftArrays.FirstFree}::int[], ${DraftArrays.FirstFree + 1}::bigint[]) AS t(queue, rank, seq)
                JOIN simmer.queue q ON q.id = t.queue OFFSET 0) q
                ON q.queue = e.queue) e WHERE true
        """);

    // Below them no row is read: a damaged payload must not stop the list.
    private const string CandidatesSql = $"""
        SELECT id FROM (
          (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = {JobStates.Ready} AND j.kind = ANY($3)
              AND j.id <> ALL($4) ORDER BY j.rank, j.seq LIMIT $2)
          UNION ALL (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = {JobStates.ReadySuspect} AND $5
              AND j.kind = ANY($3) AND j.id <> ALL($4) ORDER BY j.rank, j.seq LIMIT 1)) c
        ORDER BY rank, seq LIMIT $2
        """;

    /// <summary>The place, in the rows of a claim, of whether the job has expired and so was not started.</summary>
    public static int ExpiredColumn => JobColumns.ClaimedCount;

    /// <summary>Claims the best of a queue.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="claim">What is claimed.</param>
    /// <param name="mark">Where the ready rows of the queue begin.</param>
    /// <param name="room">The suspects that may be taken beside those that the worker has.</param>
    /// <param name="now">The present time.</param>
    /// <param name="taken">Told of each row.</param>
    public static void Claim(SqlBatch batch, in QueueClaim claim, (int Rank, long Seq) mark, SuspectRoom room, DateTimeOffset now,
        Action<NpgsqlDataReader> taken)
    {
        var (suspects, avoided) = (claim.Suspects > 0, claim.Avoided.Length > 0);
        _ = batch.Add(suspects
            ? (avoided ? s_claimWithSuspectsAvoiding : s_claimWithSuspects)
            : (avoided ? s_claimAvoiding : s_claim))
            .Bind(claim.Queue).Bind(claim.Count).Bind(claim.Kinds).Bind(mark.Rank).Bind(mark.Seq).Bind(claim.Worker).Bind(DbTime.Of(now))
            .Each(taken);
        if (suspects)
        {
            _ = batch.Bind(claim.Suspects).Bind(room.Held).Bind(room.Slots).Bind(room.Level);
        }

        if (avoided)
        {
            _ = batch.Bind(claim.Avoided, SqlBatch.UuidArray);
        }
    }

    /// <summary>Claims one job that was found before.</summary>
    public static void ClaimOne(SqlBatch batch, int queue, JobId id, long worker, DateTimeOffset now, Action<NpgsqlDataReader> taken) =>
        batch.Add(s_claimOne).Bind(queue).Bind(id).Bind(worker).Bind(DbTime.Of(now)).Each(taken);

    /// <summary>Lists what a claim would meet, best first, without reading the rows.</summary>
    public static void FindCandidates(SqlBatch batch, in QueueClaim claim, Action<JobId> found) => batch
        .Add(CandidatesSql).Bind(claim.Queue).Bind(claim.Count).Bind(claim.Kinds).Bind(claim.Avoided, SqlBatch.UuidArray)
        .Bind(claim.Suspects > 0).Each(row => found(row.Id(0)));

    private static string Avoiding(string sql, string avoided) =>
        sql.Replace("AND j.kind = ANY($3)", $"AND j.kind = ANY($3) AND j.id <> ALL({avoided})", StringComparison.Ordinal);
}
