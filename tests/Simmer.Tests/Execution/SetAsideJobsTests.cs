using Simmer.Execution;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

public sealed class SetAsideJobsTests
{
    [Fact]
    public async Task Those_whose_time_is_over_keep_out_none_that_come_later_though_nobody_asks()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddQueue("default"));
        var jobs = new SetAsideJobs(host.Node.Context);
        var now = host.Node.Context.Now;
        for (var i = 0; i < 250; i++)
        {
            jobs.Note([new SetAsideJob($"over {i}", "damaged", now.AddMinutes(-1))]);
        }

        jobs.Note([new SetAsideJob("present", "damaged", now.AddHours(1))]);
        jobs.Note([new SetAsideJob("present", "damaged", now.AddHours(1))]);

        host.Log.Lines.Count(static l => l.Text.Contains("present", StringComparison.Ordinal)).ShouldBe(1, "it is remembered");
        jobs.Present.ShouldHaveSingleItem().Job.ShouldBe("present");
    }
}
