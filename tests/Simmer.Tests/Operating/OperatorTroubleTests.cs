using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Durable;

namespace Simmer.Tests.Operating;

/// <summary>What an operator is told where not every job can be changed, and where a process has two stores.</summary>
public sealed class OperatorTroubleTests : DurableTest<SqliteJobs>
{
    private static readonly EnqueueOptions s_later = new() { Delay = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData("UPDATE")]
    [InlineData("DELETE")]
    public async Task Jobs_that_the_database_refuses_are_counted_and_the_others_changed(string refused)
    {
        await using var host = await StartClientAsync(Configure);
        var jobs = await host.Jobs.EnqueueManyAsync([new Op(1), new Op(2), new Op(3)], s_later, Cancelled);
        await using (var connection = Database.Open())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                CREATE TRIGGER no_more BEFORE DELETE ON simmer_job WHEN OLD.id = unhex('{jobs[1].Id.Value:N}')
                BEGIN SELECT RAISE(ABORT, 'not this one'); END
                """;
            _ = await command.ExecuteNonQueryAsync(Cancelled);
        }

        var operators = host.Services.GetRequiredService<IJobOperator>();
        var result = refused == "DELETE"
            ? await operators.DeleteManyAsync(new JobFilter(), cancellationToken: Cancelled)
            : await operators.CancelManyAsync(new JobFilter(), cancellationToken: Cancelled);

        (result.Matched, result.Changed, result.Left, result.Refused).ShouldBe((3, 2, 0, 1));
        result.FirstRefusal.ShouldNotBeNull().Message.ShouldContain("not this one");
        (await operators.CountAsync(new JobFilter { State = JobState.Scheduled }, cancellationToken: Cancelled)).ShouldBe(1);
    }

    [Fact]
    public async Task A_filter_names_one_of_the_two_stores_of_a_process()
    {
        await using var host = await StartAsync(Configure);
        var stored = await host.Jobs.EnqueueAsync(new Op(1), s_later, Cancelled);
        var fast = await host.Jobs.EnqueueAsync(new Op(2), s_later with { Queue = "fast" }, Cancelled);
        var operators = host.Services.GetRequiredService<IJobOperator>();

        (await Ids(new JobFilter())).ShouldBe([fast.Id, stored.Id]);
        (await Ids(new JobFilter { Durability = Durability.Durable })).ShouldBe([stored.Id]);
        (await Ids(new JobFilter { Durability = Durability.InMemory })).ShouldBe([fast.Id]);
        (await operators.GetQueuesAsync(Cancelled)).Select(static q => (q.Name, q.Durability)).ShouldBe(
        [
            ("after-response", Durability.InMemory), ("default", Durability.Durable), ("fast", Durability.InMemory),
        ]);
        (await operators.CancelManyAsync(new JobFilter { Durability = Durability.InMemory }, cancellationToken: Cancelled)).Changed
            .ShouldBe(1);
        (await stored.GetAsync(Cancelled))!.State.ShouldBe(JobState.Scheduled);

        async Task<List<JobId>> Ids(JobFilter filter) =>
            [.. (await operators.ListAsync(filter, cancellationToken: Cancelled)).Jobs.Select(static j => j.Id)];
    }

    private static void Configure(SimmerBuilder simmer)
    {
        simmer.Services.AddSingleton<OpCourse>();
        simmer.AddQueue("fast", static q => q.Durability = Durability.InMemory)
            .AddJob(static (Op _, OpCourse course, CancellationToken cancellationToken) => course.RunAsync(cancellationToken));
    }
}
