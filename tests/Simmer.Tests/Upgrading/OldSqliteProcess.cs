using System.Text;
using Microsoft.Data.Sqlite;

namespace Simmer.Tests.Upgrading;

/// <summary>The statements of the old version's flushes on SQLite.</summary>
internal sealed class OldSqliteProcess(SqliteConnection connection) : IOldProcess
{
    private const string Ticks = "CAST(unixepoch('subsec') * 10000000 AS INTEGER)";

    private const string ClaimSql = """
        SELECT seq, id, queue, kind, run, forgiven, priority, max_attempts, enqueued_at, expires_at, time_limit, unique_key, held_while,
            tags, trace_parent, trace_state, suspect, cancel_requested, payload, step
        FROM simmer_job WHERE queue = ?1 AND state = 3 AND kind NOT IN (SELECT value FROM json_each(?3)) ORDER BY priority DESC, seq
            LIMIT ?2
        """;

    private const string InsertSql = """
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, owner, enqueued_at, ready_at, started_at,
          due_at, expires_at, time_limit, unique_key, held_while, tags, trace_parent, trace_state, payload)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
        ON CONFLICT DO NOTHING
        """;

    private const string ToHistorySql = """
        INSERT OR IGNORE INTO simmer_history(id, queue, kind, state, priority, run, forgiven, max_attempts, version, errors, enqueued_at,
            started_at,
          finished_at, keep_until, expires_at, time_limit, unique_key, held_while, progress, progress_text, reason, tags, trace_parent,
              trace_state, payload, result)
        SELECT id, queue, kind, ?2, priority, run, coalesce(?3, forgiven), max_attempts, version + 1, coalesce(?4, errors), enqueued_at,
            coalesce(?5, started_at),
          ?6, ?7, expires_at, time_limit, unique_key, held_while, coalesce(?8, progress), coalesce(?9, progress_text), ?10, tags,
              trace_parent, trace_state, payload, ?11 FROM simmer_job
        WHERE id = ?1 AND run = ?12 AND owner = ?13 AND state = 4 AND cancel_requested = 0 AND step IS NULL
        """;

    private const string NoteSql = """
        UPDATE simmer_job SET progress = coalesce(?4, progress), progress_text = coalesce(?5, progress_text), stuck = ?6,
            version = version + 1
        WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = 4
        """;

    private long _worker;
    private long _flush;

    public async Task RegisterAsync(string queue)
    {
        _ = await RunAsync($"INSERT INTO simmer_worker(name, queues, capabilities, beat_at) VALUES(?1, ?2, ?3, {Ticks})", "old:2",
            $"[\"{queue}\"]", null);
        _worker = (long)(await AskAsync("SELECT last_insert_rowid()"))!;
    }

    public async Task<bool> BeatAsync()
    {
        var alive = await RunAsync($"UPDATE simmer_worker SET beat_at = {Ticks}, beats = beats + 1, idle = ?2 WHERE id = ?1", _worker,
            null) == 1;
        _ = await AskAsync("SELECT job, run FROM simmer_signal WHERE owner = ?1", _worker);
        _ = await AskAsync("SELECT id, beats, beat_at, idle FROM simmer_worker WHERE id <> ?1", _worker);
        _ = await AskAsync("SELECT min(due_at) FROM simmer_job WHERE state = 2");
        return alive;
    }

    public async Task<bool> HoldAsync(string name) => await RunAsync("""
        INSERT INTO simmer_hold(name, worker, until) VALUES(?1, ?2, ?3)
        ON CONFLICT(name) DO UPDATE SET worker = excluded.worker, until = excluded.until WHERE simmer_hold.worker = excluded.worker
            OR simmer_hold.until <= ?4
        """, name, _worker, Now() + TimeSpan.TicksPerHour, Now()) == 1;

    public async Task DeregisterAsync()
    {
        _ = await RunAsync("DELETE FROM simmer_hold WHERE worker = ?1", _worker);
        _ = await RunAsync("DELETE FROM simmer_worker WHERE id = ?1", _worker);
    }

    public async Task SetQueueAsync(string queue, bool paused) =>
        _ = await RunAsync("UPDATE simmer_queue SET paused = ?2 WHERE id = ?1", await IdAsync("queue", queue), paused ? 1L : 0L);

    public async Task EnqueueAsync(JobId id, string queue, string kind, string payload) => await FlushAsync(async () =>
    {
        var now = Now();
        _ = await RunAsync(InsertSql, Bytes(id), await IdAsync("queue", queue), await IdAsync("kind", kind), 3L, 0L, 0L, 10L, null, now,
            now, null, null, null, null, null, 0L, null, null, null, Encoding.UTF8.GetBytes(payload));
        return true;
    });

    public Task<IReadOnlyList<(JobId Id, int Run, string Payload)>> ClaimAsync(string queue, string kind) =>
        FlushAsync<IReadOnlyList<(JobId, int, string)>>(async () =>
    {
        var rows = new List<(long Seq, JobId Id, int Run, string Payload)>();
        await using (var claim = Command(ClaimSql, await IdAsync("queue", queue), 100L, "[]"))
        await using (var row = await claim.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
            {
                rows.Add((row.GetInt64(0), new JobId(new Guid((byte[])row.GetValue(1), bigEndian: true)), row.GetInt32(4) + 1,
                    Encoding.UTF8.GetString((byte[])row.GetValue(18))));
            }
        }

        foreach (var (seq, _, run, _) in rows)
        {
            _ = await RunAsync("UPDATE simmer_job SET state = 4, run = ?2, owner = ?3, started_at = ?4, version = version + 1 WHERE seq "
                + "= ?1", seq, (long)run, _worker, Now());
        }

        return rows.ConvertAll(static r => (r.Id, r.Run, r.Payload));
    });

    public Task NoteAsync(JobId id, int run, double fraction, string text) =>
        FlushAsync(() => RunAsync(NoteSql, Bytes(id), (long)run, _worker, fraction, text, 0L));

    public Task<bool> SucceedAsync(JobId id, int run, bool keep) => FlushAsync(async () =>
    {
        if (!keep)
        {
            return await RunAsync(
                "DELETE FROM simmer_job WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = 4 AND errors = 0 AND cancel_requested = 0 "
                    + "AND step IS NULL", Bytes(id), (long)run, _worker) == 1;
        }

        var now = Now();
        return await RunAsync(ToHistorySql, Bytes(id), 5L, null, null, now, now, now + TimeSpan.TicksPerDay, null, null, null, null,
            (long)run, _worker) == 1
            && await RunAsync("DELETE FROM simmer_job WHERE id = ?1", Bytes(id)) == 1;
    });

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<T> FlushAsync<T>(Func<Task<T>> work)
    {
        _ = await RunAsync("BEGIN IMMEDIATE");
        (await AskAsync("SELECT 1 FROM simmer_worker WHERE id = ?1", _worker)).ShouldNotBeNull();
        _ = await RunAsync("INSERT OR IGNORE INTO simmer_flush(worker, seq, at) VALUES(?1, ?2, ?3)", _worker, ++_flush, Now());
        _ = await RunAsync("DELETE FROM simmer_flush WHERE worker = ?1 AND seq <= ?2", _worker, _flush - 1_000);
        var answer = await work();
        _ = await RunAsync("COMMIT");
        return answer;
    }

    private async Task<long> IdAsync(string table, string name)
    {
        if (await AskAsync($"SELECT id FROM simmer_{table} WHERE name = ?1", name) is not long id)
        {
            _ = await RunAsync($"INSERT INTO simmer_{table}(name) VALUES(?1)", name);
            id = (long)(await AskAsync("SELECT last_insert_rowid()"))!;
        }

        return id;
    }

    private static long Now() => DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;

    private static byte[] Bytes(JobId id) => id.Value.ToByteArray(bigEndian: true);

    private async Task<int> RunAsync(string text, params object?[] values)
    {
        await using var command = Command(text, values);
        return await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> AskAsync(string text, params object?[] values)
    {
        await using var command = Command(text, values);
        return await command.ExecuteScalarAsync();
    }

    private SqliteCommand Command(string text, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
        {
            _ = command.Parameters.AddWithValue($"?{i + 1}", values[i] ?? DBNull.Value);
        }

        return command;
    }
}
