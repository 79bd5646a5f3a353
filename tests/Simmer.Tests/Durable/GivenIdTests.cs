using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Ids that callers choose, on a real database.</summary>
public abstract class GivenIdTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int OtherPayload = 1070;

    [Fact]
    public async Task The_id_of_a_job_of_another_kind_is_refused_and_another_payload_is_warned_of_once()
    {
        await using var host = await StartAsync(static s => s
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask)
            .AddJob(static (TakePayment _, CancellationToken _) => Task.FromResult(new Receipt("1"))));
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()), Delay = TimeSpan.FromDays(1) };
        await host.Jobs.EnqueueAsync(new Greet("Ada"), options, Cancelled);

        (await Should.ThrowAsync<StoreException>(host.Jobs.EnqueueAsync(new TakePayment(1), options, Cancelled))).Message
            .ShouldContain($"The id {options.Id} is that of a job of kind 'greet'");

        (await host.Jobs.EnqueueAsync(new Greet("Ada"), options, Cancelled)).IsDuplicate.ShouldBeTrue();
        host.Log.Lines.ShouldNotContain(static l => l.EventId == OtherPayload);
        for (var i = 0; i < 2; i++)
        {
            (await host.Jobs.EnqueueAsync(new Greet("Bob"), options, Cancelled)).IsDuplicate.ShouldBeTrue();
        }

        host.Log.Lines.Count(static l => l.EventId == OtherPayload).ShouldBe(1);
    }
}
