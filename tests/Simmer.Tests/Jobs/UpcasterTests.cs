using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Jobs;

/// <summary>Older shapes of a job, stored by an older version of the application.</summary>
public sealed class UpcasterTests : SqliteFolder
{
    private readonly List<string> _said = [];

    [Job("meet")]
    private sealed record MeetV1(string Who) : IJob<Length>;

    [Job("meet.v2")]
    private sealed record MeetV2(string First, string Last) : IJob<Length>;

    [Job("meet.v3", MaxAttempts = 7, Priority = 5)]
    private sealed record Meet(string Name, string? Title) : IJob<Length>;

    private sealed record Length(int Letters);

    [Fact]
    public async Task What_an_older_version_stored_is_run_as_the_newer_shape_and_by_its_policy()
    {
        JobHandle<Length> handle;
        await using (var older = await StartClientAsync(static s => s.AddJob<MeetV1>()))
        {
            handle = await older.Jobs.EnqueueAsync(new MeetV1("Ada Lovelace"), cancellationToken: Cancelled);
        }

        await using var newer =
            await StartAsync(s => s.AddJob<Meet, Length>(Run).AddUpcaster(static (MeetV1 old) => new Meet(old.Who, null)));

        var job = (await newer.Jobs.WaitAsync(handle.Id, Cancelled))!;
        (job.Kind, job.State).ShouldBe(("meet", JobState.Succeeded));
        _said.ShouldHaveSingleItem().ShouldBe("Ada Lovelace ()");
    }

    [Fact]
    public async Task An_older_kind_may_still_be_enqueued_for_workers_that_know_only_it_and_takes_the_newers_options()
    {
        await using var host = await StartAsync(s => s.AddJob<Meet, Length>(Run)
            .AddUpcaster(static (MeetV1 old) => new Meet(old.Who, null)));

        var handle = await host.Jobs.EnqueueAsync(new MeetV1("Ada"), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Letters.ShouldBe(3);
        var job = (await handle.GetAsync(Cancelled))!;
        (job.Kind, job.MaxAttempts, job.Priority).ShouldBe(("meet", 7, 5));
    }

    [Fact]
    public async Task Upcasters_follow_one_another_in_memory_too()
    {
        await using var host = await EngineHost.StartAsync(s => s
            .AddUpcaster(static (MeetV1 old) => new MeetV2(old.Who.Split(' ')[0], old.Who.Split(' ')[1]))
            .AddUpcaster(static (MeetV2 old) => new Meet($"{old.Last}, {old.First}", "Ms"))
            .AddJob<Meet, Length>(Run));

        _ = await (await host.Jobs.EnqueueAsync(new MeetV1("Ada Lovelace"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        _ = await (await host.Jobs.EnqueueAsync(new MeetV2("Grace", "Hopper"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        _said.ShouldBe(["Lovelace, Ada (Ms)", "Hopper, Grace (Ms)"]);
    }

    [Fact]
    public async Task A_step_of_an_older_kind_passes_its_result_on()
    {
        await using var host = await StartAsync(s => s
            .AddJob<Meet, Length>(Run)
            .AddUpcaster(static (MeetV1 old) => new Meet(old.Who, null))
            .AddJob((Plain job, Length length, CancellationToken _) => Say($"{job.Text} {length.Letters}")));

        var flow = await host.Jobs.EnqueueAsync(Chain.Of(new MeetV1("Ada")).Then(new Plain("letters")), cancellationToken: Cancelled);
        await flow.WaitAsync(Cancelled);

        _said.ShouldBe(["Ada ()", "letters 3"]);
    }

    [Fact]
    public async Task One_that_throws_leaves_the_job_stored_with_the_reason()
    {
        await using var host = await StartAsync(s => s.AddJob<Meet, Length>(Run)
            .AddUpcaster(static (MeetV1 old) => new Meet(old.Who.Split(' ')[1], null)));

        var handle = await host.Jobs.EnqueueAsync(new MeetV1("Ada"), cancellationToken: Cancelled);
        var job = await FirstAsync(host, handle.Id, static j => j.State == JobState.Scheduled);

        (job.Errors[^1].Type, job.Attempt).ShouldBe((ErrorTypes.Unreadable, 0));
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_gives_nothing_says_so()
    {
        await using var host = await StartAsync(s => s.AddJob<Meet, Length>(Run).AddUpcaster<MeetV1, Meet>(static _ => null!));

        var handle = await host.Jobs.EnqueueAsync(new MeetV1("Ada"), cancellationToken: Cancelled);
        var job = await FirstAsync(host, handle.Id, static j => j.State == JobState.Scheduled);

        job.Errors[^1].Message.ShouldContain("The upcaster from MeetV1 to Meet gave null.");
    }

    private static async Task<JobRecord> FirstAsync(EngineHost host, JobId id, Func<JobRecord, bool> isIt)
    {
        await foreach (var job in host.Jobs.WatchAsync(id, cancellationToken: Cancelled))
        {
            if (isIt(job))
            {
                return job;
            }
        }

        throw new InvalidOperationException("The job is gone.");
    }

    private Task<Length> Run(Meet job, CancellationToken cancellationToken)
    {
        _ = Say($"{job.Name} ({job.Title})");
        return Task.FromResult(new Length(job.Name.Length));
    }

    private Task Say(string what)
    {
        lock (_said)
        {
            _said.Add(what);
        }

        return Task.CompletedTask;
    }
}
