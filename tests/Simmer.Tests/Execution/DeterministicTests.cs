using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Simmer.Hosting;
using Simmer.Runtime;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>The whole engine on one thread and a simulated clock: hundreds of jobs with retries and delays in no time, and one seed has one
/// course of events.</summary>
public sealed class DeterministicTests
{
    private const int Jobs = 300;
    private const int Workflows = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task All_jobs_end_and_the_same_seed_gives_the_same_order(int seed)
    {
        var first = await RunAsync(seed);
        var second = await RunAsync(seed);

        second.ShouldBe(first);
        first.Count(static e => e.StartsWith("end", StringComparison.Ordinal)).ShouldBe(Jobs);
    }

    [Fact]
    public async Task Another_seed_gives_another_order() => (await RunAsync(11)).ShouldNotBe(await RunAsync(12));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Workflows_run_there_too_and_the_same_seed_gives_the_same_order(int seed)
    {
        var first = await RunWorkflowsAsync(seed);
        var second = await RunWorkflowsAsync(seed);

        second.ShouldBe(first);
        first.Count(static e => e.StartsWith("sum 15", StringComparison.Ordinal)).ShouldBe(Workflows);
    }

    private static JobId Id(int number) => new(new Guid(number + 1, 0, 0, new byte[8]));

    private static Task<List<string>> RunAsync(int seed) => RunAsync(
        seed,
        static (simmer, events, time) => simmer.AddJob(async (Numbered job, JobContext context, CancellationToken token) =>
        {
            events.Add($"start {job.Number} attempt {context.Attempt} at {time.GetUtcNow() - Some.Moment}");
            await Task.Delay(TimeSpan.FromMilliseconds(job.Number % 5 * 40), time, token);
            if (job.Number % 3 == 0 && context.Attempt < 3)
            {
                throw new InvalidOperationException("again");
            }

            events.Add($"end {job.Number}");
        }),
        static async client =>
        {
            var all = Enumerable.Range(0, Jobs).Select(async i => await client.EnqueueAsync(
                new Numbered(i), new EnqueueOptions { Id = Id(i), Delay = i % 4 == 0 ? TimeSpan.FromSeconds(i) : null, Priority = i % 2 }));
            await Task.WhenAll(all);
        },
        static async client =>
        {
            for (var i = 0; i < Jobs; i++)
            {
                (await client.WaitAsync(Id(i)))!.State.ShouldBe(JobState.Succeeded);
            }
        });

    // A chain of steps that add steps, whose results come together; every other one fails in the end and is undone.
    private static Task<List<string>> RunWorkflowsAsync(int seed) => RunAsync(
        seed,
        static (simmer, events, time) => simmer
            .AddJob((Fan job, JobContext context, CancellationToken token) =>
            {
                for (var i = 1; i <= 5; i++)
                {
                    context.AddStep(new Part(i));
                }

                events.Add($"fan {job.Number}");
                return Task.CompletedTask;
            })
            .AddJob(async (Part job, CancellationToken token) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(job.Number * 30), time, token);
                events.Add($"part {job.Number}");
                return job;
            })
            .AddJob((Meet _, IReadOnlyList<Part> parts, JobContext context, CancellationToken _) =>
            {
                events.Add($"sum {parts.Sum(static p => p.Number)} of {context.Workflow} at {time.GetUtcNow() - Some.Moment}");
                return Task.CompletedTask;
            })
            .AddJob((Numbered job, CancellationToken _) =>
            {
                events.Add($"number {job.Number}");
                return Task.FromResult(job.Number % 2 == 1 ? JobVerdict.Fail("odd") : JobVerdict.Success);
            }),
        static async client => await Task.WhenAll(Enumerable.Range(0, Workflows).Select(async i => await client.EnqueueAsync(
            Chain.Of(new Fan(i), undo: new Numbered(1_000))
                .Then(new Meet(), options: new EnqueueOptions { Delay = TimeSpan.FromSeconds(i) }).Then(new Numbered(i))
                .Finally(new Numbered(2_000)),
            new WorkflowOptions { Id = WorkflowId.For($"{i}") }))),
        static async client =>
        {
            for (var i = 0; i < Workflows; i++)
            {
                (await client.WaitAsync(WorkflowId.For($"{i}")))!.State
                    .ShouldBe(i % 2 == 1 ? WorkflowState.Failed : WorkflowState.Succeeded);
            }
        });

    private static async Task<List<string>> RunAsync(
        int seed, Action<SimmerBuilder, List<string>, TimeProvider> configure, Func<IJobClient, Task> enqueue, Func<IJobClient, Task> wait)
    {
        var events = new List<string>();
        var time = new FakeTimeProvider(Some.Moment);
        var starter = new TurnStarter(seed);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time).AddSingleton<WorkStarter>(starter).AddSingleton(new Random(seed))
            .AddLogging(static l => l.ClearProviders());
        configure(services.AddSimmerCore().AddQueue("default", static q => q.Concurrency = 7), events, time);
        await using var provider = services.BuildServiceProvider();
        var node = provider.GetRequiredService<SimmerNode>();
        var client = provider.GetRequiredService<IJobClient>();
        var hosted = provider.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<SimmerHostedService>().Single();

        await Step(starter, time, () => hosted.StartingAsync(CancellationToken.None));
        await Step(starter, time, () => enqueue(client));
        await Step(starter, time, () => wait(client));
        await Step(starter, time, () => hosted.StoppingAsync(CancellationToken.None));
        await Step(starter, time, () => hosted.StopAsync(CancellationToken.None));
        await Step(starter, time, () => hosted.StoppedAsync(CancellationToken.None));
        await Step(starter, time, async () => await node.DisposeAsync());
        return events;
    }

    private static async Task Step(TurnStarter starter, FakeTimeProvider time, Func<Task> work)
    {
        var done = starter.Run(work);
        for (var turns = 0; turns < 200_000 && !done.IsCompleted; turns++)
        {
            starter.Settle();
            if (!done.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
            }
        }

        done.IsCompleted.ShouldBeTrue("the engine stands still: something went to another scheduler");
        await done;
    }

    public sealed record Numbered(int Number) : IJob;

    [Job(Adds = typeof(Part))]
    public sealed record Fan(int Number) : IJob;

    public sealed record Part(int Number) : IJob<Part>;

    public sealed record Meet : IJob;
}
