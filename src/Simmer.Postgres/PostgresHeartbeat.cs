using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The heartbeat of a worker, and what is read with it.</summary>
/// <remarks>On a connection and a thread of its own: nothing a flush waits for can delay it, nor handlers that block the threads of the
/// pool.</remarks>
/// <param name="context">What the rooms share.</param>
/// <param name="beat">The heartbeat's connection.</param>
/// <param name="lone">Sends a statement by itself.</param>
/// <param name="guard">Looks what has become of the database.</param>
/// <param name="skew">Measures how far the server's clock is ahead.</param>
/// <param name="notifications">Told whether there are other workers.</param>
internal sealed class PostgresHeartbeat(PostgresContext context, ThreadConnection beat, LoneStatements lone, DatabaseGuard guard,
    ClockSkew skew, Notifications notifications)
{
    // One statement, so that an idle process costs one a beat: the beat, and what concerns this worker. Ready queues take one seek each in
    // the index of ready rows, however many there are.
    private static readonly string s_beat = $"""
        WITH me AS (UPDATE simmer.worker SET beat_at = {StoreTime.LeaseClockSql(2)}, beats = CASE WHEN beats = 9223372036854775807 THEN 0
            ELSE beats + 1 END, idle = $3 WHERE id = $1 RETURNING id, beat_at), {SeenSql}
        """;

    private static readonly string s_look =
        $"WITH me AS (SELECT id, {StoreTime.LeaseClockSql(2)} AS beat_at FROM simmer.worker WHERE id = $1 AND $3::text IS NULL), {SeenSql}";

    // A signal counts while its run goes on; its row may outlive the run a little. Scheduled jobs that cannot be made ready are left alone
    // for a while ($7) and do not count as due.
    private const string SeenSql = $"""
        cancels AS (SELECT s.job, s.run FROM simmer.signal s JOIN simmer.job j ON j.id = ANY(ARRAY[s.job]) AND j.run = s.run
            AND j.owner = s.owner AND j.state = {JobStates.Running} WHERE s.owner = $1),
        ready AS (SELECT q.id, q.name FROM simmer.queue q LEFT JOIN unnest($4::int[], $5::int[], $6::bigint[]) AS m(queue, rank, seq)
            ON m.queue = q.id WHERE {Admission.IsOpen} AND (
          (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = {JobStates.Ready}
              AND (j.rank, j.seq) >= (coalesce(m.rank, -2147483648), coalesce(m.seq, 0)) ORDER BY j.rank, j.seq LIMIT 1)
          OR (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = {JobStates.ReadySuspect} LIMIT 1))),
        others AS (SELECT w.id, w.beats, w.beat_at, w.idle, w.lease FROM simmer.worker w WHERE w.id <> $1)
        SELECT 0, me.beat_at, NULL::bigint, (SELECT min(due_at) FROM simmer.job WHERE state = {JobStates.Scheduled} AND id <> ALL($7)),
            NULL::text, NULL::uuid, EXISTS(SELECT 1 FROM simmer.job WHERE state = {JobStates.ReadySuspect}), NULL::bigint FROM me
        UNION ALL SELECT 1, c.run, NULL, NULL, NULL, c.job, NULL, NULL FROM cancels c, me
        UNION ALL SELECT 2, r.id, NULL, NULL, r.name, NULL, NULL, NULL FROM ready r, me
        UNION ALL SELECT 3, o.id, o.beats, o.beat_at, o.idle, NULL, NULL, o.lease FROM others o, me
        """;

    /// <inheritdoc cref="IJobStore.BeatAsync"/>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SeeAsync(s_beat, request.Worker, JsonList.Write(request.IdleQueues), now, cancellationToken);
    }

    /// <inheritdoc cref="IJobStore.PollAsync"/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        SeeAsync(s_look, worker, null, now, cancellationToken);

    private ValueTask<BeatReport> SeeAsync(string sql, WorkerId worker, string? idle, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        context.State.ThrowIfNotOpen();
        var asked = context.Clock.GetTimestamp();
        return new(beat.RunAsync(connection => See(connection, sql, worker, idle, now, asked), cancellationToken));
    }

    private BeatReport See(NpgsqlConnection connection, string sql, WorkerId worker, string? idle, DateTimeOffset now, long asked)
    {
        var seen = new BeatRows(context.Names);
        var sent = context.Clock.GetTimestamp();
        var marks = context.LowWater.All();
        var avoided = context.Time.IsCallers
            ? context.Avoided.Present(now)
            : context.Time.TryNow(out var theirs)
            ? context.Avoided.Present(theirs)
            : [];
        var namesHold = false;
        try
        {
            lone.On(connection, batch =>
            {
                _ = batch.Add(sql).Bind(worker.Value).Bind(context.Time.LeaseTime(now)).Bind(idle)
                    .BindAllInts(marks, static m => m.Queue).BindAllInts(marks, static m => m.Rank).BindAllLongs(marks, static m => m.Seq)
                    .Bind(avoided, SqlBatch.UuidArray).Each(seen.Read);

                // A worker that only claims stores nothing under a number, and would never notice that the numbers are gone.
                _ = context.Names.All().Bind(batch.Add(DatabaseGuard.NamesHoldSql)).Each(row => namesHold = row.GetBoolean(0));
            }, beat.IsPlain).Run();
        }
        catch (PostgresException refused)
            when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            _ = guard.LookAgainLaterAsync();
            throw;
        }

        if (!namesHold)
        {
            _ = guard.LookAgainLaterAsync();
        }

        if (seen.IsAlive)
        {
            if (!context.Time.IsCallers)
            {
                _ = context.Time.Heard(DbTime.From(seen.At), sent);
                seen.IsServers = true;

                // The connection may have been waited for since this process looked at its clock.
                var ours = now + context.Clock.GetElapsedTime(asked, sent);
                seen.Ahead = DbTime.From(seen.At) - ours;
                skew.Measured(DbTime.From(seen.At), ours, context.Clock.GetElapsedTime(sent));
            }

            context.Suspects.Seen(seen.HasSuspects);
            notifications.HasOthers = seen.HasOthers;
        }

        return seen.Report();
    }
}
