using Microsoft.Data.Sqlite;
using Simmer.StoreTests.Damage;

namespace Simmer.StoreTests.Sqlite;

/// <summary>Rows that hold anything: SQLite takes every value in every column.</summary>
public sealed class DamagedRows : SqliteTest
{
    private static readonly string[] s_values =
        ["-9223372036854775808", "9223372036854775807", "2147483647", "77", "0.5", "'urgent'", "'[\"\\ud800\"]'", "X'010203'",
            "randomblob(16)", "NULL"];

    public static TheoryData<string> JobColumns =>
        [.. ("id queue kind state priority run forgiven max_attempts owner version suspect cancel_requested stuck errors enqueued_at "
            + "ready_at started_at due_at expires_at time_limit unique_key held_while progress progress_text reason tags "
            + "trace_parent trace_state payload step pending outcomes").Split(' ')];

    public static TheoryData<string, string> OtherColumns
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var line in new[]
            {
                "queue name keep_succeeded keep_failed declared_by paused_at paused_reason paused_by", "kind name",
                    "error job n run attempt at type message detail",
                    "worker name queues capabilities beat_at beats idle lease slots", "flush worker seq at", "signal owner job run",
                    "upkeep_lease name worker until",
                "history id queue kind state priority run forgiven max_attempts version errors enqueued_at started_at finished_at "
                    + "keep_until expires_at time_limit unique_key held_while progress progress_text reason tags trace_parent "
                    + "trace_state payload result step pending outcomes branch first_added added",
                "workflow id name state steps pending outcomes version cancel_requested reason created_at finished_at keep_until "
                    + "keep_succeeded keep_failed", "gate workflow n pending outcomes next",
            })
            {
                var words = line.Split(' ');
                foreach (var column in words[1..])
                {
                    data.Add(words[0], column);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(JobColumns))]
    public async Task Beside_a_job_that_is_damaged_all_others_finish(string column)
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        using var connection = Connect();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "simmer_");
        foreach (var value in s_values)
        {
            if (await damaged.WhileReadyAsync(worker, column, value))
            {
                await damaged.WhileRunningAsync(worker, column, value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(OtherColumns))]
    public async Task Whatever_else_is_damaged_innocent_jobs_finish(string table, string column)
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        using var connection = Connect();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "simmer_");
        foreach (var value in s_values.Where(static (_, i) => i % 3 == 2))
        {
            await damaged.InAnyTableAsync(worker, table, column, value);
        }
    }

    [Fact]
    public async Task No_column_of_a_table_is_left_out()
    {
        _ = await OpenAsync();
        using var connection = Connect();
        var tried = OtherColumns.Select(static row => $"{row.Data.Item1} {row.Data.Item2}")
            .Concat(JobColumns.Select(static row => $"job {row.Data}")).ToHashSet();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT substr(t.name, 8) || ' ' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND "
                + "t.name LIKE 'simmer\\_%' ESCAPE '\\'";
        using var reader = command.ExecuteReader();
        var columns = new HashSet<string>();
        while (reader.Read())
        {
            _ = columns.Add(reader.GetString(0));
        }

        // These take nothing but whole numbers, a queue that is paused stands still as it should, and the version of the schema is looked
        // at when the store is opened. The table of holds is that of older versions.
        columns.Where(static c => !c.StartsWith("schema ", StringComparison.Ordinal) && !c.StartsWith("hold ", StringComparison.Ordinal))
            .Except(tried)
            .ShouldBe(["job seq", "kind id", "queue id", "queue paused", "worker id"], ignoreOrder: true);
    }

    [Fact]
    public async Task Beside_a_scheduled_job_whose_time_is_damaged_all_others_finish()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        using var connection = Connect();
        var damaged = new Damaged(store, text => TryAsync(connection, text), "simmer_");
        foreach (var value in s_values)
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
        using var connection = Connect();
        await new Damaged(store, text => TryAsync(connection, text), "simmer_").IsSetAsideAsync(await RegisterAsync(store), column, value);
    }

    private static Task<bool> TryAsync(SqliteConnection connection, string text)
    {
        try
        {
            Execute(connection, text);
            return Task.FromResult(true);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 19 or 20)
        {
            return Task.FromResult(false);
        }
    }
}
