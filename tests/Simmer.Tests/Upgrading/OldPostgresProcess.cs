using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Simmer.Tests.Upgrading;

/// <summary>The statements of the old version's flushes on PostgreSQL.</summary>
internal sealed class OldPostgresProcess(NpgsqlConnection connection, string schema) : IOldProcess
{
    private const string Clock = "(extract(epoch FROM clock_timestamp()) * 10000000)::bigint";

    private const string BeatSql = $"""
        WITH me AS (UPDATE simmer.worker SET beat_at = {Clock}, beats = beats + 1, idle = NULL WHERE id = $1 RETURNING id, beat_at),
        cancels AS (SELECT s.job, s.run FROM simmer.signal s JOIN simmer.job j ON j.id = ANY(ARRAY[s.job]) AND j.run = s.run
            AND j.owner = s.owner AND j.state = 4 WHERE s.owner = $1),
        ready AS (SELECT q.id, q.name FROM simmer.queue q WHERE NOT q.paused AND (
          (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = 3 ORDER BY j.rank, j.seq LIMIT 1)
          OR (SELECT true FROM simmer.job j WHERE j.queue = q.id AND j.state = 9 LIMIT 1))),
        others AS (SELECT w.id, w.beats, w.beat_at, w.idle FROM simmer.worker w WHERE w.id <> $1)
        SELECT 0, me.beat_at, NULL::bigint, (SELECT min(due_at) FROM simmer.job WHERE state = 2), NULL::text, NULL::uuid,
            EXISTS(SELECT 1 FROM simmer.job WHERE state = 9) FROM me
        UNION ALL SELECT 1, c.run, NULL, NULL, NULL, c.job, NULL FROM cancels c, me
        UNION ALL SELECT 2, r.id, NULL, NULL, r.name, NULL, NULL FROM ready r, me
        UNION ALL SELECT 3, o.id, o.beats, o.beat_at, o.idle, NULL, NULL FROM others o, me
        """;

    private const string InsertSql = """
        INSERT INTO simmer.job(id, queue, kind, rank, max_attempts, enqueued_at, due_at, expires_at, time_limit, unique_key, held_while,
            tags, trace_parent, trace_state, payload, state, ready_at)
        SELECT id, queue, kind, rank, max_attempts, $1, due, expires_at, time_limit, unique_key, coalesce(held_while, 0), tags,
            trace_parent, trace_state, payload,
          CASE WHEN due IS NULL THEN 3 ELSE 2 END, CASE WHEN due IS NULL THEN $1 END
        FROM unnest($2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], NULL::bigint[], NULL::bigint[], NULL::bigint[], NULL::text[],
            NULL::int[], NULL::text[], NULL::text[], NULL::text[], $7::bytea[], NULL::boolean[], NULL::boolean[])
          WITH ORDINALITY AS e(id, queue, kind, rank, max_attempts, due, expires_at, time_limit, unique_key, held_while, tags, trace_parent,
              trace_state, payload, given, wants, n)
        ORDER BY n ON CONFLICT DO NOTHING RETURNING id, state, queue, rank
        """;

    private const string ClaimSql = """
        WITH best AS MATERIALIZED (
          SELECT j.seq, j.id, j.queue, j.kind, j.run, j.forgiven, j.rank, j.max_attempts, j.enqueued_at, j.expires_at, j.time_limit,
              j.unique_key, j.held_while, j.tags, j.trace_parent, j.trace_state,
            j.suspect, j.cancel_requested, j.payload, j.step, coalesce(j.expires_at <= $7 AND j.run = j.forgiven, false) AS expired
          FROM simmer.job j WHERE j.queue = $1 AND j.state = 3 AND j.kind = ANY($3) AND (j.rank, j.seq) >= ($4, $5)
              AND (SELECT NOT q.paused FROM simmer.queue q WHERE q.id = $1)
          ORDER BY j.rank, j.seq LIMIT $2 FOR UPDATE SKIP LOCKED)
        , started AS (
          UPDATE simmer.job j SET state = 4, run = j.run + 1, owner = $6, started_at = $7, version = j.version + 1, unique_key = CASE
              WHEN j.held_while = 1 THEN NULL ELSE j.unique_key END
          FROM best WHERE j.id = ANY(ARRAY[best.id]) AND NOT best.expired)
        SELECT * FROM best
        """;

    private const string EndKeptSql = """
        WITH gone AS (
          DELETE FROM simmer.job j USING unnest($2::uuid[], $3::int[], NULL::int[], NULL::int[], $4::bigint[], $5::bigint[], NULL::float8[],
              NULL::text[], NULL::text[], NULL::bytea[], NULL::text[], NULL::int[], NULL::int[], $6::int[])
            AS f(id, state, forgiven, errors, started, keep_until, progress, progress_text, reason, result, branch, first_added, added, run)
          WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $7 AND j.state = 4 AND j.step IS NULL RETURNING
            j.id, j.queue, j.kind, f.state, j.rank, j.run, coalesce(f.forgiven, j.forgiven) AS forgiven, j.max_attempts,
                j.version + 1 AS version, coalesce(f.errors, j.errors) AS errors, j.enqueued_at,
            coalesce(f.started, j.started_at) AS started_at, f.keep_until, j.expires_at, j.time_limit, j.unique_key, j.held_while,
                coalesce(f.progress, j.progress) AS progress,
            coalesce(f.progress_text, j.progress_text) AS progress_text, CASE WHEN f.state = 7 THEN coalesce(f.reason, j.reason)
                ELSE f.reason END AS reason, j.tags, j.trace_parent, j.trace_state, j.payload, f.result,
            j.step, j.pending, j.outcomes, f.branch, f.first_added, f.added, j.cancel_requested),
        kept AS (
          INSERT INTO simmer.history(id, queue, kind, state, rank, run, forgiven, max_attempts, version, errors, enqueued_at, started_at,
              finished_at, keep_until, expires_at, time_limit, unique_key, held_while,
            progress, progress_text, reason, tags, trace_parent, trace_state, payload, result, step, pending, outcomes, branch, first_added,
                added)
          SELECT id, queue, kind, state, rank, run, forgiven, max_attempts, version, errors, enqueued_at, started_at, $1, keep_until,
              expires_at, time_limit, unique_key, held_while,
            progress, progress_text, reason, tags, trace_parent, trace_state, payload, result, step, pending, outcomes, branch, first_added,
                added
          FROM gone WHERE keep_until IS NOT NULL)
        SELECT id, cancel_requested FROM gone
        """;

    private const string EndUnkeptSql = """
        DELETE FROM simmer.job j USING unnest($2::uuid[], $3::int[]) AS f(id, run)
        WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $1 AND j.state = 4 AND j.step IS NULL
            RETURNING j.id, j.cancel_requested
        """;

    private const string NoteSql = """
        WITH n AS MATERIALIZED (
          SELECT t.* FROM unnest($2::uuid[], $3::int[], $4::float8[], $5::text[], $6::boolean[]) AS t(id, run, progress, progress_text,
              stuck) JOIN simmer.job j ON j.id = ANY(ARRAY[t.id])
          WHERE j.run = t.run AND j.owner = $1 AND j.state = 4 FOR NO KEY UPDATE OF j SKIP LOCKED)
        UPDATE simmer.job j SET progress = coalesce(n.progress, j.progress), progress_text = coalesce(n.progress_text, j.progress_text),
            stuck = n.stuck, version = j.version + 1
        FROM n WHERE j.id = ANY(ARRAY[n.id])
        """;

    private long _worker;
    private long _flush;

    public async Task RegisterAsync(string queue) =>
        _worker =
            (long)(await AskAsync($"INSERT INTO simmer.worker(name, queues, capabilities, beat_at) VALUES($1, $2, $3, {Clock}) RETURNING "
                + $"id", "old:2", $"[\"{queue}\"]", Null(NpgsqlDbType.Text)))!;

    public async Task<bool> BeatAsync() => await AskAsync(BeatSql, _worker) is not null;

    public async Task<bool> HoldAsync(string name) => await AskAsync($"""
        INSERT INTO simmer.hold(name, worker, until) SELECT $1, $2, least(2534023007999999999, t.at::numeric + $3)::bigint
            FROM (SELECT {Clock} AS at) t
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until
          WHERE simmer.hold.worker = excluded.worker OR simmer.hold.until <= {Clock}
        RETURNING 1
        """, name, _worker, TimeSpan.TicksPerHour) is not null;

    public async Task DeregisterAsync()
    {
        _ = await AskAsync("DELETE FROM simmer.hold WHERE worker = ANY($1)", new[] { _worker });
        _ = await AskAsync("DELETE FROM simmer.worker WHERE id = ANY($1)", new[] { _worker });
    }

    public Task SetQueueAsync(string queue, bool paused) => AskAsync(
        "INSERT INTO simmer.queue(name, paused) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET paused = excluded.paused", queue, paused);

    public Task EnqueueAsync(JobId id, string queue, string kind, string payload) => FlushAsync(async () =>
    {
        int[] numbers = [await IdAsync("queue", queue), await IdAsync("kind", kind)];
        return await AskAsync(InsertSql, Now(), new[] { id.Value }, new[] { numbers[0] }, new[] { numbers[1] }, new[] { ~0 }, new[] { 10 },
            new[] { Encoding.UTF8.GetBytes(payload) });
    });

    public Task<IReadOnlyList<(JobId Id, int Run, string Payload)>> ClaimAsync(string queue, string kind) =>
        FlushAsync<IReadOnlyList<(JobId, int, string)>>(async () =>
    {
        var rows = new List<(JobId, int, string)>();
        await using var claim =
            Command(ClaimSql, await IdAsync("queue", queue), 100L, new[] { await IdAsync("kind", kind) }, int.MinValue, 0L, _worker, Now());
        await using var row = await claim.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            rows.Add((new JobId(row.GetGuid(1)), row.GetInt32(4) + 1, Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(18))));
        }

        return rows;
    });

    public Task NoteAsync(JobId id, int run, double fraction, string text) =>
        FlushAsync(() => AskAsync(NoteSql, _worker, new[] { id.Value }, new[] { run }, new[] { fraction }, new[] { text },
            new[] { false }));

    public Task<bool> SucceedAsync(JobId id, int run, bool keep) => FlushAsync(async () =>
    {
        Guid[] ids = [id.Value];
        return await (keep
            ? AskAsync(EndKeptSql, Now(), ids, new[] { 5 }, new[] { Now() }, new[] { Now() + TimeSpan.TicksPerDay }, new[] { run }, _worker)
            : AskAsync(EndUnkeptSql, _worker, ids, new[] { run })) is not null;
    });

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<T> FlushAsync<T>(Func<Task<T>> work)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        _ = await AskAsync("INSERT INTO simmer.flush(worker, seq, at, left_out) VALUES((SELECT id FROM simmer.worker WHERE id = $1 FOR "
            + "KEY SHARE), $2, $3, $4)",
            _worker, ++_flush, Now(), Null(NpgsqlDbType.Array | NpgsqlDbType.Integer));
        _ = await AskAsync("DELETE FROM simmer.flush WHERE worker = $1 AND sign(seq) = sign($2::bigint) AND abs(seq) <= abs($2)", _worker,
            Math.Max(0, _flush - 1_000));
        var answer = await work();
        await transaction.CommitAsync();
        return answer;
    }

    private async Task<int> IdAsync(string table, string name)
    {
        _ = await AskAsync($"INSERT INTO simmer.{table}(name) SELECT unnest($1) ON CONFLICT DO NOTHING", new object[] { new[] { name } });
        return (int)(await AskAsync($"SELECT id FROM simmer.{table} WHERE name = $1", name))!;
    }

    private static long Now() => DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };

    private async Task<object?> AskAsync(string text, params object[] values)
    {
        await using var command = Command(text, values);
        return await command.ExecuteScalarAsync();
    }

    private NpgsqlCommand Command(string text, params object[] values)
    {
        var command = new NpgsqlCommand(text.Replace("simmer.", schema + ".", StringComparison.Ordinal), connection);
        foreach (var value in values)
        {
            _ = command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
