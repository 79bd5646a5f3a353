using Simmer.FleetTests.Hosts;
using Simmer.Servers;

namespace Simmer.FleetTests.Blocking;

/// <summary>Large records over a slow network. Flushes are bounded in bytes, so that each arrives, and no caller waits longer than its time
/// limit.</summary>
public sealed class SlowWire : HostTest, IAsyncDisposable
{
    private const int Mebibyte = 1024 * 1024;
    private const int Split = 1082;

    private TcpProxy _proxy = null!;

    [Fact]
    public async Task Many_large_records_arrive_one_bounded_flush_after_another_and_small_jobs_between_them()
    {
        await using var host = await StartSlowAsync(10 * Mebibyte, static o => o.EnqueueTimeout = TimeSpan.FromSeconds(60));

        var large = Enumerable.Range(0, 80)
            .Select(i => host.Jobs.EnqueueAsync(new Freight(new string('x', Mebibyte - 100)), cancellationToken: Token)).ToList();
        var small = await host.Jobs.EnqueueAsync(new Note("small"), cancellationToken: Token);
        await small.WaitAsync(Token);
        _ = await Task.WhenAll(large);

        (await AskAsync<long>(await ConnectAsync(), "SELECT count(*) FROM simmer.job WHERE length(payload) > 1000000")).ShouldBe(80);
    }

    [Fact]
    public async Task Callers_are_told_when_their_time_is_over_and_what_was_not_sent_is_not_stored()
    {
        await using var host = await StartSlowAsync(Mebibyte, static o => o.EnqueueTimeout = TimeSpan.FromSeconds(3));
        var began = TimeProvider.System.GetTimestamp();

        var calls = Enumerable.Range(0, 60)
            .Select(i => host.Jobs.EnqueueAsync(new Freight(new string('x', Mebibyte - 100)), cancellationToken: Token)).ToList();
        await Should.ThrowAsync<StoreException>(Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(30), Token));
        _proxy.Narrow(0);
        var stored = calls.Where(static c => c.IsCompletedSuccessfully).Select(static c => c.Result.Id).ToList();
        var errors = calls.Where(static c => c.IsFaulted).Select(static c => (StoreException)c.Exception!.InnerException!).ToList();

        stored.Count.ShouldBeLessThan(40);
        errors.ShouldAllBe(static e => e.IsTransient && e.Message.Contains("(EnqueueTimeout)"));
        await DoAsync(host, 1, "afterwards");
        var count = await AskAsync<long>(await ConnectAsync(), "SELECT count(*) FROM simmer.job WHERE length(payload) > 1000000");
        count.ShouldBeInRange(stored.Count, stored.Count + errors.Count(static e => e.OutcomeUnknown));
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_call_that_no_flush_can_carry_is_refused_at_once_with_the_way_out_and_harms_nobody()
    {
        await using var host = await StartSlowAsync(10 * Mebibyte);
        var record = new Freight(new string('x', Mebibyte - 100));

        var refused = await Should
            .ThrowAsync<ArgumentException>(host.Jobs.EnqueueManyAsync(Enumerable.Repeat(record, 1_100), cancellationToken: Token));
        var flow = new Workflow();
        for (var i = 0; i < 70; i++)
        {
            flow.Add($"step {i}", record);
        }

        var whole = await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(flow, cancellationToken: Token));
        await DoAsync(host, 3, "others");

        refused.Message.ShouldContain("Give them in several calls");
        whole.Message.ShouldContain("Store the data elsewhere");
        (await AskAsync<long>(await ConnectAsync(), "SELECT count(*) FROM simmer.job")).ShouldBe(0);
    }

    [Fact]
    public async Task A_call_of_several_that_is_larger_than_a_flush_goes_whole_and_so_does_a_workflow()
    {
        await using var host = await StartSlowAsync(10 * Mebibyte, static o => o.EnqueueTimeout = TimeSpan.FromSeconds(60));
        var record = new Freight(new string('x', Mebibyte - 100));
        var flow = new Workflow();
        for (var i = 0; i < 10; i++)
        {
            flow.Add($"step {i}", record);
        }

        var many = await host.Jobs.EnqueueManyAsync(Enumerable.Repeat(record, 20), cancellationToken: Token);
        _ = await host.Jobs.EnqueueAsync(flow, cancellationToken: Token);

        many.Count.ShouldBe(20);
        (await AskAsync<long>(await ConnectAsync(), "SELECT count(*) FROM simmer.job WHERE length(payload) > 1000000")).ShouldBe(30);
    }

    [Fact]
    public async Task Many_large_results_are_settled_over_a_slow_network()
    {
        var go = new Signal();
        await using var host = await StartSlowAsync(10 * Mebibyte, static o => o.EnqueueTimeout = TimeSpan.FromSeconds(60),
            s => s.AddJob<Weigh, string>(async (_, token) =>
        {
            await go.WaitAsync(token);
            return new string('y', Mebibyte - 100);
        }).AddQueue("default", static q => q.Concurrency = 40));
        var jobs = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => host.Jobs.EnqueueAsync(new Weigh(i), cancellationToken: Token)));

        go.Set();
        foreach (var job in jobs)
        {
            (await host.Jobs.WaitAsync(job.Id, Token))!.State.ShouldBe(JobState.Succeeded);
        }

        (await AskAsync<long>(await ConnectAsync(), "SELECT count(*) FROM simmer.history WHERE run = 1 AND length(result) > 1000000"))
            .ShouldBe(40);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await DisposeAsync();
    }

    private async Task<EngineHost> StartSlowAsync(long bytesPerSecond, Action<SimmerOptions>? options = null,
        Action<SimmerBuilder>? configure = null)
    {
        _proxy = TcpProxy.Before(Database);
        var host = await StartAsync(
            s =>
            {
                s.Configure(o =>
                {
                    o.MaxPayloadBytes = o.MaxResultBytes = 2 * Mebibyte;
                    o.Worker.Queues.Add("default");
                    options?.Invoke(o);
                }).AddQueue("freight").AddJob((Freight _, CancellationToken _) => Task.CompletedTask, static o => o.Queue = "freight");
                configure?.Invoke(s);
            },
            connectionString: _proxy.Through(Database));
        await DoAsync(host, 1, "before");
        _proxy.Narrow(bytesPerSecond);
        return host;
    }
}
