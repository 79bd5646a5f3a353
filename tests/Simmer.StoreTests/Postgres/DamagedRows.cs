using Npgsql;
using Simmer.StoreTests.Damage;

namespace Simmer.StoreTests.Postgres;

/// <summary>Rows that hold what no version of the store writes, though their columns take it.</summary>
public sealed class DamagedRows : PostgresTest
{
    private static readonly Dictionary<string, string[]> s_values = new()
    {
        ["bigint"] = ["-9223372036854775808", "9223372036854775807", "-1", "NULL"],
        ["integer"] = ["-2147483648", "2147483647", "-1", "77", "NULL"],
        ["smallint"] = ["-1", "77", "0"],
        ["double precision"] = ["'NaN'", "'Infinity'", "-1"],
        ["boolean"] = ["true"],
        ["text"] = ["'urgent'", "''", "'[\"\\ud800\"]'", "'{\"a\":[1'", "NULL"],
        ["bytea"] = ["'\\x'", "'\\x010203'", "decode(md5(random()::text), 'hex')", "'\\x00ffffffffffffffffffffff'", "NULL"],
        ["uuid"] = ["gen_random_uuid()"],
        ["ARRAY"] = ["ARRAY[NULL]::int[]", "ARRAY[[1,2],[3,4]]", "ARRAY[77]"],
    };

    public static TheoryData<string> Tables =>
        ["queue", "kind", "history", "error", "worker", "flush", "signal", "upkeep_lease", "workflow", "gate", "progress"];

    [Fact]
    public async Task Beside_a_job_that_is_damaged_all_others_finish()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "");
        foreach (var (column, type) in await ColumnsAsync(connection, "job"))
        {
            foreach (var value in s_values[type])
            {
                if (await damaged.WhileReadyAsync(worker, column, value))
                {
                    await damaged.WhileRunningAsync(worker, column, value);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Whatever_else_is_damaged_innocent_jobs_finish(string table)
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "");
        foreach (var (column, type) in await ColumnsAsync(connection, table))
        {
            foreach (var value in s_values[type])
            {
                await damaged.InAnyTableAsync(worker, table, column, value);
            }
        }
    }

    [Fact]
    public async Task Beside_a_scheduled_job_whose_time_is_damaged_all_others_finish()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "");
        foreach (var value in s_values["bigint"])
        {
            await damaged.WhileScheduledAsync(worker, value);
        }
    }

    [Theory]
    [InlineData("run", "-1")]
    [InlineData("forgiven", "-1")]
    [InlineData("time_limit", "-1")]
    [InlineData("time_limit", "0")]
    public async Task A_job_with_a_number_that_none_can_have_is_set_aside_with_the_reason(string column, string value)
    {
        var store = await OpenAsync();
        var connection = await ConnectAsync();
        await new Damaged(store, text => TryAsync(connection, text), "").IsSetAsideAsync(await RegisterAsync(store), column, value);
    }

    private static async Task<List<(string Name, string Type)>> ColumnsAsync(NpgsqlConnection connection, string table)
    {
        var columns = new List<(string, string)>();
        await using var command =
            new NpgsqlCommand("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema AND "
                + "table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO' AND column_name <> 'paused'", connection);
        _ = command.Parameters.AddWithValue(table);
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token))
        {
            columns.Add((reader.GetString(0), reader.GetString(1)));
        }

        return columns;
    }

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string text)
    {
        try
        {
            _ = await ExecuteAsync(connection, text);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState.StartsWith("23", StringComparison.Ordinal) || e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            return false;
        }
    }
}
