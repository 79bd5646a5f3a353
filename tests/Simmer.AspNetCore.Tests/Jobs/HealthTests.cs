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
    public async Task A_job_that_waits_too_long_degrades_it()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(
            script, configure: static b => b.Services.AddHealthChecks().AddSimmer(configure: static o => o.DegradedAfter = TimeSpan.FromTicks(-1)));
        await app.EnqueueAsync();
        await script.Started.Soon();
        // More than may be claimed ahead: some stay ready in the store.
        await app.Services.GetRequiredService<IJobClient>().EnqueueManyAsync(Enumerable.Repeat(new Work("next"), 1_000), cancellationToken: TestContext.Current.CancellationToken);
        var report = await CheckAsync(app);
        report.Status.ShouldBe(HealthStatus.Degraded);
        report.Entries["simmer"].Description!.ShouldContain("queue 'default' has been ready");
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
