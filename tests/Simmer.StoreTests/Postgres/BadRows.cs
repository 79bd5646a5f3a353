using Simmer.Storage;
using Simmer.StoreTests.Workflows;
using Simmer.Tests.Engine;

namespace Simmer.StoreTests.Postgres;

/// <summary>Rows that the database refuses although they look good: an administrator has forbidden something.</summary>
[Trait("Rule", "15")]
public sealed class BadRows : PostgresTest
{
    [Fact]
    public async Task A_job_that_is_refused_fails_alone_and_with_its_call()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        await ForbidAsync("job", "rank <> ~13");
        var bad = Some.Draft(priority: 13);
        EnqueueRequest[] requests =
            [new(Some.Draft(), false), new(bad, false), new(Some.Draft(), false, 1), new(Some.Draft(priority: 13), false, 1),
                new(Some.Draft(uniqueKey: "k"), false)];

        var report = await worker.FlushAsync(enqueues: requests, workflows: [SomeFlow.Of("a")], claims: [new ClaimRequest(Some.Queue, 10)]);

        report.Enqueues.Select(static e => e.Status)
            .ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Enqueues[1].Error!.Message.ShouldContain($"The database refused job {bad.Id}");
        report.Enqueues[2].Error!.Message.ShouldContain("all or none");
        report.Workflows[0].Status.ShouldBe(EnqueueStatus.Stored);
        report.Claims.Count.ShouldBe(3);
        (await worker.RepeatAsync()).WasRepeat.ShouldBeTrue();
    }

    [Fact]
    public async Task A_settlement_that_is_refused_has_no_effect_is_to_be_sent_again_and_leaves_its_neighbours_alone()
    {
        var log = new LogLines();
        var store = await OpenAsync(logger: log.CreateLogger("store"));
        var worker = await RegisterAsync(store);
        await ForbidAsync("history", "state <> 6");
        await worker.EnqueueAllAsync(Some.Draft(), Some.Draft(), Some.Draft());
        var claims = await worker.ClaimAsync(3);

        var report = await worker.FlushAsync(
            settlements: [Some.Settlement(claims[0].Token), Some.Settlement(claims[1].Token, JobState.Failed, reason: "bad")],
                giveBacks: [claims[2].Token], enqueues: [new(Some.Draft(), false)]);

        report.Settlements.ShouldBe([new SettleReport(true, JobState.Succeeded), new SettleReport(false, JobState.Running)]);
        (report.GiveBacks[0], report.Enqueues[0].Status).ShouldBe((true, EnqueueStatus.Stored));
        report.Refusals.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(r => r.Token.ShouldBe(claims[1].Token), static r => r.Error.Message.ShouldContain("23514"));
        log.Lines.Single(static l => l.EventId == 3004).Text.ShouldContain($"{claims[1].Job.Id}");
    }

    private async Task ForbidAsync(string table, string unless)
    {
        var connection = await ConnectAsync();
        _ = await ExecuteAsync(connection, $"ALTER TABLE {table} ADD CONSTRAINT forbidden CHECK ({unless})");
    }
}
