using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>The health check.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_worker_that_works_is_healthy()
    {
        await using var app = await WorkApp.StartAsync(new Script(), configure: static b => b.Services.AddHealthChecks().AddSimmer());
        var report = await CheckAsync(app);
        report.Status.ShouldBe(HealthStatus.Healthy);
        report.Entries["simmer"].Data["store"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_job_whose_end_the_database_refuses_degrades_it_until_it_is_stored()
    {
        await using var file = new JobsFile();
        await using var app = await TestApp.StartAsync(
            static _ => { }, s => s.UseSqlite(file.Text).AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask), static b =>
                b.Services.AddHealthChecks().AddSimmer());
        await using var connection = await file.OpenAsync();
        Execute(connection, "CREATE TRIGGER refuse BEFORE DELETE ON simmer_job BEGIN SELECT RAISE(ABORT, 'not this one'); END");
        var chore = await app.Services.GetRequiredService<IJobClient>()
            .EnqueueAsync(new Chore(), cancellationToken: TestContext.Current.CancellationToken);

        var entry = await UntilAsync(app, HealthStatus.Degraded);
        entry.Description!.ShouldContain(chore.Id.ToString());
        entry.Description!.ShouldContain("not this one");
        Execute(connection, "DROP TRIGGER refuse");

        await chore.WaitAsync(TestContext.Current.CancellationToken);
        _ = await UntilAsync(app, HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_job_whose_row_cannot_be_read_is_told_of_and_the_others_run()
    {
        await using var file = new JobsFile();
        await using var app = await TestApp.StartAsync(
            static app => app.MapJobs("/jobs"), s => s.UseSqlite(file.Text)
                .AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask), static b => b.Services.AddHealthChecks().AddSimmer());
        var jobs = app.Services.GetRequiredService<IJobClient>();
        await using var connection = await file.OpenAsync();
        var bad = await jobs.EnqueueAsync(new Chore(), new EnqueueOptions { Delay = TimeSpan.FromHours(1) },
            TestContext.Current.CancellationToken);
        Execute(connection, "UPDATE simmer_job SET tags = 'urgent', state = 3, due_at = NULL");
        await (await jobs.EnqueueAsync(new Chore(), cancellationToken: TestContext.Current.CancellationToken))
            .WaitAsync(TestContext.Current.CancellationToken);

        (await UntilAsync(app, HealthStatus.Degraded)).Description!.ShouldContain("tags");
        var (response, body) = await app.GetAsync($"/jobs/{bad.Id}");
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        body.GetProperty("reason").GetString()!.ShouldContain("tags");
    }

    private static async Task<HealthReportEntry> UntilAsync(TestApp app, HealthStatus status)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var entry = (await CheckAsync(app)).Entries["simmer"];
            if (entry.Status == status)
            {
                return entry;
            }

            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(30), $"{entry.Status}: {entry.Description}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        _ = command.ExecuteNonQuery();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_threshold_that_is_not_more_than_zero_is_refused_with_the_way_out(long ticks)
    {
        var checks = new ServiceCollection().AddHealthChecks();

        var error = Should.Throw<ArgumentOutOfRangeException>(() => checks
            .AddSimmer(configure: o => o.DegradedAfter = TimeSpan.FromTicks(ticks)));

        error.Message.ShouldContain($"DegradedAfter is {TimeSpan.FromTicks(ticks)}");
        error.Message.ShouldContain("TimeSpan.MaxValue");
    }

    [Theory]
    [InlineData(1, HealthStatus.Degraded)]
    [InlineData(long.MaxValue, HealthStatus.Healthy)]
    public async Task A_threshold_may_be_anything_else_up_to_never(long ticks, HealthStatus status)
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(
            script, configure: b => b.Services.AddHealthChecks().AddSimmer(configure: o => o.DegradedAfter = TimeSpan.FromTicks(ticks)));
        await app.EnqueueAsync();
        await script.Started.Soon();
        // More than may be claimed ahead: some stay ready in the store.
        await app.Services.GetRequiredService<IJobClient>()
            .EnqueueManyAsync(Enumerable.Repeat(new Work("next"), 1_000), cancellationToken: TestContext.Current.CancellationToken);

        var entry = (await CheckAsync(app)).Entries["simmer"];

        entry.Status.ShouldBe(status);
        entry.Data.ContainsKey("oldestReadySeconds").ShouldBeTrue();
        entry.Description!.Contains("queue 'default' has been ready", StringComparison.Ordinal).ShouldBe(status == HealthStatus.Degraded);
        script.GoOn.Open();
    }

    [Fact]
    public async Task Without_Simmer_it_says_what_is_missing()
    {
        await using var app = await TestApp.StartWithAsync(static _ => { }, static b => b.Services.AddHealthChecks().AddSimmer());
        (await Should.ThrowAsync<InvalidOperationException>(() => CheckAsync(app))).Message.ShouldContain("AddSimmer()");
    }

    private static Task<HealthReport> CheckAsync(TestApp app) =>
        app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
}
