using System.Text.Json;
using Npgsql;

namespace Simmer.Load.Running;

/// <summary>Puts rows into the tables of Simmer by SQL, many times as fast as by enqueueing and running them.</summary>
internal static class Filling
{
    private const int RowsPerStatement = 250_000;

    // Ids as clients make them: a time, then random bits.
    private const string Ids = """
        (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - {0} + n), 12, '0') || '7' || substr(md5(n::text), 1,
            3) || '8' || substr(md5(random()::text), 1, 15))::uuid
        """;

    private const string Names =
        "(SELECT id FROM simmer.queue WHERE name = $1) AS queue, (SELECT id FROM simmer.kind WHERE name = 'tick') AS kind";
    private const string Now = "(extract(epoch FROM now()) * 10000000)::bigint";

    private const string ReadySql = $$"""
        INSERT INTO simmer.job(id, enqueued_at, ready_at, queue, kind, rank, max_attempts, state, payload)
        SELECT {{Ids}}, {{Now}}, {{Now}}, queue, kind, -1, 10, 3, $2 FROM generate_series({1}, {2}) n, (SELECT {{Names}}) t
        """;

    // Rows as they would be if the jobs had ended one after another in the last 24 hours and were kept for a day.
    private const string FinishedSql = $$"""
        INSERT INTO simmer.history(id, enqueued_at, started_at, finished_at, keep_until, queue, kind, rank, run, forgiven, max_attempts,
            version, errors, state, held_while, payload)
        SELECT {{Ids}}, at, at, at, at + 864000000000, queue, kind, -1, 1, 0, 10, 1, 0, 5, 0, $2
        FROM (SELECT n, {{Now}} - 864000000000 + n * 863000000000 / {0} AS at FROM generate_series({1}, {2}) n) n, (SELECT {{Names}}) t
        """;

    /// <param name="address">A database of Simmer that has run such jobs.</param>
    /// <param name="queue">Whose jobs they are.</param>
    /// <param name="ready">How many wait.</param>
    /// <param name="finished">How many have succeeded.</param>
    public static async Task FillAsync(string address, string queue, int ready, int finished)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync("INSERT INTO simmer.queue(name) VALUES($1) ON CONFLICT DO NOTHING",
            new NpgsqlParameter<string> { TypedValue = queue });
        await InsertAsync(ReadySql, ready);
        await InsertAsync(FinishedSql, finished);
        await ExecuteAsync("VACUUM (ANALYZE) simmer.job, simmer.history");
        await ExecuteAsync("CHECKPOINT");

        async Task InsertAsync(string sql, int count)
        {
            var payload = JsonSerializer.SerializeToUtf8Bytes(new Shape(1).Tick(), JsonSerializerOptions.Web);
            for (var first = 1; first <= count; first += RowsPerStatement)
            {
                var last = Math.Min(count, first + RowsPerStatement - 1);
                await ExecuteAsync(
                    sql.Replace("{0}", $"{count}", StringComparison.Ordinal).Replace("{1}", $"{first}", StringComparison.Ordinal)
                        .Replace("{2}", $"{last}", StringComparison.Ordinal),
                    new NpgsqlParameter<string> { TypedValue = queue },
                    new NpgsqlParameter<byte[]> { TypedValue = payload });
            }
        }

        async Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            command.Parameters.AddRange(parameters);
            _ = await command.ExecuteNonQueryAsync();
        }
    }
}
