using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // One statement, so that an idle process costs one a beat: the beat, and what concerns this worker. Ready queues take one seek each in
    // the index of ready rows, however many there are.
    private static readonly string s_beat = $"""
        WITH me AS (UPDATE simmer.worker SET beat_at = {LeaseClockSql(2)}, beats = CASE WHEN beats = 9223372036854775807 THEN 0
            ELSE beats + 1 END, idle = $3 WHERE id = $1 RETURNING id, beat_at), {SeenSql}
        """;

    private static readonly string s_look =
        $"WITH me AS (SELECT id, {LeaseClockSql(2)} AS beat_at FROM simmer.worker WHERE id = $1 AND $3::text IS NULL), {SeenSql}";

    // A signal counts while its run goes on; the row may outlive it a little. What cannot be made ready is left alone for a while ($7), and
    // nobody wakes for it.
    private const string SeenSql = """
        cancels AS (SELECT s.job, s.run FROM simmer.signal s JOIN simmer.job j ON j.id = ANY(ARRAY[s.job]) AND j.run = s.run
            AND j.owner = s.owner AND j.state = 4 WHERE s.owner = $1),
        ready AS (SELECT q.id, q.name FROM simmer.queue q LEFT JOIN unnest($4::int[], $5::int[], $6::bigint[]) AS m(queue, rank, seq)
            ON m.queue = q.id WHERE NOT q.paused AND (
          (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = 3
              AND (j.rank, j.seq) >= (coalesce(m.rank, -2147483648), coalesce(m.seq, 0)) ORDER BY j.rank, j.seq LIMIT 1)
          OR (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = 9 LIMIT 1))),
        others AS (SELECT w.id, w.beats, w.beat_at, w.idle, w.lease FROM simmer.worker w WHERE w.id <> $1)
        SELECT 0, me.beat_at, NULL::bigint, (SELECT min(due_at) FROM simmer.job WHERE state = 2 AND id <> ALL($7)), NULL::text, NULL::uuid,
            EXISTS(SELECT 1 FROM simmer.job WHERE state = 9), NULL::bigint FROM me
        UNION ALL SELECT 1, c.run, NULL, NULL, NULL, c.job, NULL, NULL FROM cancels c, me
        UNION ALL SELECT 2, r.id, NULL, NULL, r.name, NULL, NULL, NULL FROM ready r, me
        UNION ALL SELECT 3, o.id, o.beats, o.beat_at, o.idle, NULL, NULL, o.lease FROM others o, me
        """;

    /// <inheritdoc/>
    /// <remarks>On a connection and a thread of its own: nothing a flush waits for can delay it, nor handlers that block the threads of the
    /// pool.</remarks>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SeeAsync(s_beat, request.Worker, JsonList.Write(request.IdleQueues), now, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        SeeAsync(s_look, worker, null, now, cancellationToken);

    private ValueTask<BeatReport> SeeAsync(string sql, WorkerId worker, string? idle, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        var asked = _clock.GetTimestamp();
        return new(_connections.Beat.RunAsync(connection => See(connection, sql, worker, idle, now, asked), cancellationToken));
    }

    private BeatReport See(Npgsql.NpgsqlConnection connection, string sql, WorkerId worker, string? idle, DateTimeOffset now, long asked)
    {
        var seen = new Seen(_names);
        var sent = _clock.GetTimestamp();
        var marks = _lowWater.All();
        var avoided = _context.Time.IsCallers
            ? _avoided.Present(now)
            : _context.Time.TryNow(out var theirs)
            ? _avoided.Present(theirs)
            : [];
        var hold = false;
        try
        {
            _lone.On(connection, batch =>
            {
                _ = batch.Add(sql).Bind(worker.Value).Bind(_context.Time.LeaseTime(now)).Bind(idle)
                    .BindAllInts(marks, static m => m.Queue).BindAllInts(marks, static m => m.Rank).BindAllLongs(marks, static m => m.Seq)
                    .Bind(avoided, UuidArray).Each(seen.Read);

                // Whoever only claims stores nothing under a number, and would never see that the numbers are gone.
                _ = _names.All().Bind(batch.Add(DatabaseGuard.NamesHoldSql)).Each(row => hold = row.GetBoolean(0));
            }, _connections.Beat.IsPlain).Run();
        }
        catch (PostgresException refused)
            when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            _ = _guard.LookAgainLaterAsync();
            throw;
        }

        if (!hold)
        {
            _ = _guard.LookAgainLaterAsync();
        }

        if (seen.IsAlive)
        {
            if (!_context.Time.IsCallers)
            {
                _ = _context.Time.Heard(DbTime.From(seen.At), sent);
                seen.IsServers = true;

                // The connection may have been waited for since this process looked at its clock.
                var ours = now + _clock.GetElapsedTime(asked, sent);
                seen.Ahead = DbTime.From(seen.At) - ours;
                _skew.Measured(DbTime.From(seen.At), ours, _clock.GetElapsedTime(sent));
            }

            _suspects.Seen(seen.HasSuspects);
            _notifications.HasOthers = seen.HasOthers;
        }

        return seen.Report();
    }

    /// <summary>What a beat's rows say.</summary>
    private sealed class Seen(NameTable names)
    {
        private readonly List<LeaseToken> _cancels = [];
        private readonly List<string> _ready = [];
        private readonly List<(WorkerId Id, long Beats, long BeatAt, TimeSpan? Lease)> _others = [];
        private readonly SortedSet<string> _idle = new(StringComparer.Ordinal);
        private DateTimeOffset? _nextDue;

        public bool IsAlive { get; private set; }

        public long At { get; private set; }

        /// <summary>Whether the time is the server's own.</summary>
        public bool IsServers { get; set; }

        /// <summary>How far the server's clock is ahead of the caller's.</summary>
        public TimeSpan Ahead { get; set; }

        public bool HasSuspects { get; private set; }

        public bool HasOthers => _others.Count > 0;

        public void Read(Npgsql.NpgsqlDataReader row)
        {
            switch (row.GetInt32(0))
            {
                case 0:
                    (IsAlive, At, _nextDue, HasSuspects) =
                        (true, row.GetInt64(1), row.IsDBNull(3) ? null : DbTime.Clamped(row.GetInt64(3)), row.GetBoolean(6));
                    break;
                case 1:
                    _cancels.Add(new LeaseToken(row.Id(5), (int)row.GetInt64(1)));
                    break;
                case 2:
                    // Another process may have been the first to use it: nothing is claimed of a queue without a number.
                    names.LearnQueue((int)row.GetInt64(1), row.GetString(4));
                    _ready.Add(row.GetString(4));
                    break;
                default:
                    _others.Add((new WorkerId(row.GetInt64(1)), row.GetInt64(2), row.GetInt64(3), WorkerNumbers.Lease(row.LongOrNull(7))));
                    _idle.UnionWith(JsonList.ReadOrNothing(row.TextOrNull(4)));
                    break;
            }
        }

        public BeatReport Report() => !IsAlive ? new BeatReport { Alive = false } : new BeatReport
        {
            Alive = true,
            Cancels = _cancels,
            ReadyQueues = _ready,
            IdleElsewhere = [.. _idle],
            Others = _others.ConvertAll(o => new OtherWorker(o.Id, o.Beats, WorkerNumbers.BeatAge(o.BeatAt, At), o.Lease)),
            NextDue = ByCaller(_nextDue, Ahead),
            Time = IsServers ? DbTime.From(At) : null,
        };
    }
}
