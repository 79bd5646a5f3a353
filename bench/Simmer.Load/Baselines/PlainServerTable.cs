using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The way of a plain job table on a server: a transaction to insert, one to claim, one to delete (and to keep), one after the
/// other in as many sessions as there are callers, up to 16.</summary>
internal static class PlainServerTable
{
    public const string Table = """
        CREATE TABLE job(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue int NOT NULL, state smallint NOT NULL DEFAULT 0,
            priority smallint NOT NULL DEFAULT 0, attempt smallint NOT NULL DEFAULT 0,
          run_at timestamptz NOT NULL DEFAULT now(), lease_until timestamptz, kind text NOT NULL, payload bytea NOT NULL);
        CREATE INDEX job_ready ON job(queue, priority, run_at, id) WHERE state = 0;
        CREATE TABLE history(id bigint NOT NULL, kind text NOT NULL, finished_at timestamptz NOT NULL, payload bytea NOT NULL)
        """;

    private const int Waiting = 20_000;
    private const int MostSessions = 16;
    private const string Insert = "INSERT INTO job(queue, kind, payload) VALUES(1, 'tick', $1)";
    private const string Claim = """
        WITH best AS MATERIALIZED (SELECT id FROM job WHERE queue = 1 AND state = 0 AND run_at <= now() ORDER BY priority, run_at, id
            LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE job j SET state = 1, attempt = j.attempt + 1, lease_until = now() + interval '60 s' FROM best WHERE j.id = best.id
            RETURNING j.id, j.payload
        """;

    private const string Delete = "DELETE FROM job WHERE id = $1 AND state = 1";
    private const string Move =
        "WITH gone AS (DELETE FROM job WHERE id = $1 AND state = 1 RETURNING id, kind, payload) INSERT INTO history SELECT id, kind, "
            + "now(), payload FROM gone";

    public static async Task<double> RateAsync(NpgsqlDataSource database, bool keep, Shape shape, Steps steps, TimeSpan duration)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(shape.Tick(), JsonSerializerOptions.Web);
        await database.ExecuteAsync(Table);
        if (!steps.HasFlag(Steps.Enqueue))
        {
            await using var fill = database
                .CreateCommand($"INSERT INTO job(queue, kind, payload) SELECT 1, 'tick', $1 FROM generate_series(1, {Waiting})");
            fill.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = payload });
            _ = await fill.ExecuteNonQueryAsync();
            await database.ExecuteAsync("ANALYZE job");
        }

        var sessions = new List<Session>();
        for (var i = 0; i < (shape.Callers == 0 ? MostSessions : Math.Min(shape.Callers, MostSessions)); i++)
        {
            sessions.Add(await Session.OpenAsync(database, payload, keep));
        }

        var rates = await Task.WhenAll(sessions
            .Select(session => Task.Run(() => Baseline.RateAsync(duration, () => session.GoAsync(steps, shape.Work)))));
        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }

        return rates.Sum();
    }

    private sealed class Session(NpgsqlConnection connection, NpgsqlCommand insert, NpgsqlCommand claim, NpgsqlCommand end)
        : IAsyncDisposable
    {
        public static async Task<Session> OpenAsync(NpgsqlDataSource database, byte[] payload, bool keep)
        {
            var connection = await database.OpenConnectionAsync();
            var insert = new NpgsqlCommand(Insert, connection) { Parameters = { new NpgsqlParameter<byte[]> { TypedValue = payload } } };
            var claim = new NpgsqlCommand(Claim, connection);
            var end = new NpgsqlCommand(keep ? Move : Delete,
                connection) { Parameters = { new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint } } };
            foreach (var command in new[] { insert, claim, end })
            {
                await command.PrepareAsync();
            }

            return new Session(connection, insert, claim, end);
        }

        public async Task<int> GoAsync(Steps steps, Work work)
        {
            if (steps.HasFlag(Steps.Enqueue))
            {
                _ = await insert.ExecuteNonQueryAsync();
            }

            if (!steps.HasFlag(Steps.Run))
            {
                return 1;
            }

            await using (var row = await claim.ExecuteReaderAsync())
            {
                // Another session may have this one's job, which will take another's.
                if (!await row.ReadAsync())
                {
                    return steps.HasFlag(Steps.Enqueue) ? 1 : 0;
                }

                end.Parameters[0].Value = row.GetInt64(0);
                _ = row.GetFieldValue<byte[]>(1);
            }

            await Works.DoAsync(work);
            _ = await end.ExecuteNonQueryAsync();
            return 1;
        }

        public async ValueTask DisposeAsync()
        {
            await insert.DisposeAsync();
            await claim.DisposeAsync();
            await end.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
