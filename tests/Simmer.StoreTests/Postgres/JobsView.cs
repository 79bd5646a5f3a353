using Npgsql;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Postgres;

/// <summary>The view for people.</summary>
public sealed class JobsView : PostgresTest
{
    [Fact]
    public async Task It_shows_tags_keys_errors_workflows_and_steps_of_what_waits_and_of_what_has_ended()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var waits = Some.Draft(uniqueKey: "ada", tags: ["red", "green"], dueAt: Now.AddDays(1));
        var fails = Some.Draft(uniqueKey: "bob", tags: ["blue"], priority: 900);
        await worker.EnqueueAllAsync(waits, fails);
        var claim = (await worker.ClaimAsync()).ShouldHaveSingleItem();
        _ = await worker
            .FlushAsync(settlements: [Some
            .Settlement(claim.Token, JobState.Failed, error: Some.Error(message: "no ink"), reason: "enough")]);
        var flow = SomeFlow.Of("first", $"{new string('l', 199)} after first", "ümläut after first");
        _ = await worker.FlushAsync(workflows: [flow]);

        (await RowAsync(waits.Id)).ShouldBe(("[\"red\",\"green\"]", "ada", null, null, null));
        (await RowAsync(fails.Id)).ShouldBe(("[\"blue\"]", "bob", "run 1: InkException: no ink", null, null));
        foreach (var step in flow.Steps)
        {
            (await RowAsync(step.Id)).ShouldBe((null, null, null, flow.Id.Value, step.Step!.Name));
        }
    }

    [Fact]
    public async Task A_damaged_row_hides_no_other()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var (good, bad) = (Some.Draft(), Some.Draft());
        await worker.EnqueueAllAsync(good, bad);
        var connection = await ConnectAsync();
        _ = await ExecuteAsync(connection, $@"UPDATE job SET payload = '\xff00', step = '\xffffff' WHERE id = '{bad.Id}'");

        (await ExecuteAsync(connection, "SELECT string_agg(payload, ' ' ORDER BY id) FROM jobs")).ShouldBe(@"{} \xff00");
    }

    private async Task<(string? Tags, string? Key, string? Errors, Guid? Workflow, string? Step)> RowAsync(JobId id)
    {
        await using var command =
            new NpgsqlCommand("SELECT tags, unique_key, errors, workflow, step FROM jobs WHERE id = $1",
                await ConnectAsync()) { Parameters = { new() { Value = id.Value } } };
        await using var row = await command.ExecuteReaderAsync(Token);
        (await row.ReadAsync(Token)).ShouldBeTrue();
        return (Text(row, 0), Text(row, 1), Text(row, 2), row.IsDBNull(3) ? null : row.GetGuid(3), Text(row, 4));
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
