using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Jobs that this version of the application does not know, or cannot read.</summary>
public sealed class StrangeJobsTests : SqliteFolder
{
    private const int UnknownKinds = 1029;

    [Job("greet")]
    private sealed record GreetByNumber(int Name) : IJob;

    [Fact]
    public async Task A_kind_that_nobody_here_knows_is_left_and_told_and_runs_where_it_is_known()
    {
        await using var client = await StartClientAsync(static s => s.AddJob<Greet>());
        var handle = await client.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        await using (var stranger =
            await StartAsync(static s => s.AddJob(static (TakePayment _, CancellationToken _) => Task.FromResult(new Receipt("")))))
        {
            await Until.True(() => stranger.Log.Lines
                .Any(static l => l.EventId == UnknownKinds && l.Text.Contains("greet", StringComparison.Ordinal)),
                "the unknown kind is told");
            (await handle.GetAsync(Cancelled))!.State.ShouldBe(JobState.Ready);
        }

        await using var friend = await StartAsync(static s => s.AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));
        await handle.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_kept_with_the_reason_and_spends_no_attempt()
    {
        JobId id;
        await using (var old = await StartClientAsync(static s => s.AddJob<Greet>()))
        {
            id = (await old.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).Id;
        }

        await using var host = await StartAsync(static s => s.AddJob(static (GreetByNumber _, CancellationToken _) => Task.CompletedTask));
        await foreach (var job in host.Jobs.WatchAsync(id, cancellationToken: Cancelled))
        {
            if (job.State == JobState.Scheduled)
            {
                job.Errors[^1].Type.ShouldBe(ErrorTypes.Unreadable);
                job.Attempt.ShouldBe(0);
                job.DueAt.ShouldNotBeNull();
                return;
            }
        }

        Assert.Fail("The job is gone.");
    }
}
