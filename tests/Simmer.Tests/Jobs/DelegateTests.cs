using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Jobs;

/// <summary>Every shape of delegate compiles without a cast, gets what it asks for, and its answer counts.</summary>
public sealed class DelegateTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly TaskCompletionSource<string> _got = new();

    [Fact]
    public Task No_services() => Runs(s => s.AddJob(async (Plain job, CancellationToken _) =>
    {
        await Task.Yield();
        _got.SetResult(job.Text);
    }), "text");

    [Fact]
    public Task One_service() => Runs(s => s.AddJob((Plain _, One a, CancellationToken _) => Got(a.Name)), "one");

    [Fact]
    public Task Two_services() => Runs(s => s.AddJob((Plain _, One a, Two b, CancellationToken _) => Got(a.Name, b.Name)), "one two");

    [Fact]
    public Task Three_services() =>
        Runs(s => s.AddJob((Plain _, One a, Two b, Three c, CancellationToken _) => Got(a.Name, b.Name, c.Name)), "one two three");

    [Fact]
    public Task Four_services() =>
        Runs(s => s.AddJob((Plain _, One a, Two b, Three c, Four d, CancellationToken _) => Got(a.Name, b.Name, c.Name, d.Name)),
            "one two three four");

    [Fact]
    public Task The_context_first() =>
        Runs(s => s.AddJob((Plain _, JobContext c, One a, CancellationToken _) => Got(c.Kind, a.Name)), "plain one");

    [Fact]
    public Task The_context_last() =>
        Runs(s => s.AddJob((Plain _, One a, Two b, JobContext c, CancellationToken _) => Got(a.Name, b.Name, c.Kind)), "one two plain");

    [Fact]
    public Task The_context_alone() =>
        Runs(s => s.AddJob(async (Plain _, JobContext c, CancellationToken _) => await Got(c.Kind)), "plain");

    [Fact]
    public async Task A_result()
    {
        await using var host = await Start(s => s
            .AddJob((Priced job, One _, CancellationToken _) => Task.FromResult(new Price(job.Cents))));

        (await (await host.Jobs.EnqueueAsync(new Priced(7), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Cents.ShouldBe(7);
    }

    [Fact]
    public async Task An_async_lambda_with_a_result()
    {
        await using var host = await Start(s => s.AddJob(async (Priced job, CancellationToken _) =>
        {
            await Task.Yield();
            return new Price(job.Cents);
        }));

        (await (await host.Jobs.EnqueueAsync(new Priced(8), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Cents.ShouldBe(8);
    }

    [Fact]
    public async Task A_verdict()
    {
        await using var host = await Start(s => s
            .AddJob((Plain _, One _, CancellationToken _) => Task.FromResult(JobVerdict.Cancel("not today"))));

        var job = await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Plain("x"), cancellationToken: Cancelled)).Id, Cancelled);

        job!.State.ShouldBe(JobState.Cancelled);
        job.Reason.ShouldBe("not today");
    }

    [Theory]
    [InlineData(5, JobState.Succeeded)]
    [InlineData(-5, JobState.Failed)]
    public async Task A_result_or_a_verdict(int cents, JobState state)
    {
        await using var host = await Start(s => s.AddJob(async (Priced job, Two _, CancellationToken _) =>
        {
            await Task.Yield();
            return job.Cents < 0 ? JobVerdict.Fail("negative") : (JobVerdict<Price>)new Price(job.Cents);
        }));

        var job = await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Priced(cents), cancellationToken: Cancelled)).Id, Cancelled);

        job!.State.ShouldBe(state);
        job.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_result_asked_for_by_its_base_type()
    {
        await using var host = await Start(s => s.AddJob((Priced job, CancellationToken _) => Task.FromResult(new Price(job.Cents))));
        IJob<object> job = new Priced(9);

        (await (await host.Jobs.EnqueueAsync(job, cancellationToken: Cancelled)).WaitAsync(Cancelled)).ShouldBe(new Price(9));
    }

    private Task Got(params string[] names)
    {
        _got.SetResult(string.Join(' ', names));
        return Task.CompletedTask;
    }

    private async Task Runs(Action<SimmerBuilder> configure, string expected)
    {
        await using var host = await Start(configure);
        await (await host.Jobs.EnqueueAsync(new Plain("text"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        (await _got.Task).ShouldBe(expected);
    }

    private static Task<EngineHost> Start(Action<SimmerBuilder> configure) => EngineHost.StartAsync(
        configure, static b => b.Services.AddSingleton<One>().AddScoped<Two>().AddTransient<Three>().AddSingleton<Four>());
}
