using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Batches are bounded in bytes; one that does not arrive is split, and one operation that cannot be carried is refused
/// alone.</summary>
public sealed class LargeBatchTests
{
    private const int Large = 900_000;

    private readonly ShakyStore _store = new();
    private readonly Signal _go = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_has_at_most_four_mebibytes_and_loses_no_call()
    {
        await using var host = await StartAsync();
        var handles = await EnqueueAtOnceAsync(host, 20, Large);

        handles.Length.ShouldBe(20);
        _store.Flushes.ShouldAllBe(static f => f.Bytes <= 4 * 1024 * 1024);
        _store.Flushes.Max(static f => f.Enqueues.Count).ShouldBe(4);
    }

    [Fact]
    public async Task A_heavy_flush_that_does_not_arrive_is_split_until_it_does()
    {
        await using var host = await StartAsync();
        _store.GetsLost = static f => f.Bytes > 1_500_000;

        var handles = await EnqueueAtOnceAsync(host, 8, Large);

        handles.Select(static h => h.Id).Distinct().Count().ShouldBe(8);
        handles.ShouldAllBe(static h => !h.IsDuplicate);
        foreach (var handle in handles)
        {
            (await host.Jobs.GetAsync(handle.Id, Token)).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_heavy_flush_of_which_only_the_answer_was_lost_is_not_done_twice()
    {
        await using var host = await StartAsync();
        _store.Hold();
        var calls = Enumerable.Range(0, 3).Select(_ => host.Jobs.EnqueueAsync(new Parcel(new string('x', Large)), cancellationToken: Token))
            .ToList();
        _store.LoseNextAnswer();
        _store.LoseNextAnswer();
        _store.Release();
        var handles = await Task.WhenAll(calls);

        handles.ShouldAllBe(static h => !h.IsDuplicate);
        (await host.Node.Durable!.Store.Browser.ListAsync(new JobQuery { Queue = "parcels", Limit = 100 }, Token)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task One_call_that_does_not_arrive_alone_is_refused_with_the_reason_and_the_others_go_on()
    {
        await using var host = await StartAsync();
        _store.GetsLost = static f => f.Bytes > 500_000;
        _store.Hold();
        var large = host.Jobs.EnqueueAsync(new Parcel(new string('x', Large)), cancellationToken: Token);
        var several = host.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Parcel(new string('x', 300_000)), 2), cancellationToken: Token);
        var flow = new Workflow();
        flow.Add("b", new Parcel(new string('x', 300_000))).After(flow.Add("a", new Parcel(new string('x', 300_000))));
        var whole = host.Jobs.EnqueueAsync(flow, cancellationToken: Token);
        var small = Enumerable.Range(0, 5).Select(_ => host.Jobs.EnqueueAsync(new Parcel("small"), cancellationToken: Token)).ToList();
        _store.Release();

        foreach (Task refused in new Task[] { large, several, whole })
        {
            var error = await Should.ThrowAsync<StoreException>(refused);
            error.Message.ShouldContain("nothing of it is stored");
            error.OutcomeUnknown.ShouldBeFalse();
        }

        (await Task.WhenAll(small)).Length.ShouldBe(5);
        (await host.Node.Durable!.Store.Browser.ListAsync(new JobQuery { Queue = "parcels", Limit = 100 }, Token)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Large_results_that_do_not_arrive_together_are_settled_one_by_one()
    {
        await using var host = await StartAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => host.Jobs.EnqueueAsync(new Measure(i), cancellationToken: Token)));
        _store.GetsLost = static f => f.Bytes > 1_000_000;

        _go.Set();

        foreach (var job in jobs)
        {
            (await host.Jobs.WaitAsync(job.Id, Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
                static j => j.Run.ShouldBe(1));
        }
    }

    [Fact]
    public async Task Large_results_that_wait_together_go_in_flushes_of_at_most_four_mebibytes()
    {
        await using var host = await StartAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => host.Jobs.EnqueueAsync(new Measure(i), cancellationToken: Token)));
        await host.Node.Durable!.Flusher.WhenIdle();
        _store.Hold();

        _go.Set();
        await Until.True(() => host.Node.Durable.Table.Count == 0, "all have ended");
        _store.Release();
        foreach (var job in jobs)
        {
            (await host.Jobs.WaitAsync(job.Id, Token))!.State.ShouldBe(JobState.Succeeded);
        }

        var ends = _store.Flushes.Select(static f => f.Settlements.Select(static s => s.Result?.Length ?? 0).ToList())
            .Where(static f => f.Count > 0).ToList();
        ends.ShouldAllBe(static f => f.Sum() <= 4 * 1024 * 1024);
        ends.Max(static f => f.Count).ShouldBeInRange(2, 4, "several that fit go together");
    }

    [Fact]
    public async Task While_a_flush_takes_its_time_callers_are_told_when_theirs_is_over()
    {
        await using var host = await StartAsync(TimeSpan.FromMilliseconds(200));
        _store.Hold();
        var before = _store.Flushes.Count;
        var sent = host.Jobs.EnqueueAsync(new Parcel("sent"), cancellationToken: Token);
        await Until.True(() => _store.Flushes.Count > before, "the first is in flight");
        var waits = host.Jobs.EnqueueAsync(new Parcel("waits"), cancellationToken: Token);
        var many = host.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Parcel("waits"), 3), cancellationToken: Token);

        var unknown = await Should.ThrowAsync<StoreException>(sent);
        var notSent = await Should.ThrowAsync<StoreException>(waits);
        (await Should.ThrowAsync<StoreException>(many)).Message.ShouldContain("not stored");
        _store.Release();
        (await host.Jobs.EnqueueAsync(new Parcel("later"), cancellationToken: Token)).State.ShouldBe(JobState.Ready);

        (unknown.OutcomeUnknown, unknown.IsTransient, notSent.OutcomeUnknown, notSent.IsTransient).ShouldBe((true, true, false, true));
        unknown.Message.ShouldContain("EnqueueTimeout");
        var stored = await host.Node.Durable!.Store.Browser.ListAsync(new JobQuery { Queue = "parcels", Limit = 100 }, Token);
        stored.Count.ShouldBe(2, "the one that was on its way, and the last");
    }

    [Theory]
    [InlineData(100_001, 1)]
    [InlineData(70, 1_000_000)]
    public async Task A_call_that_is_too_large_for_one_transaction_is_refused_before_anything_is_sent(int jobs, int size)
    {
        await using var host = await StartAsync();
        var before = _store.Flushes.Count;
        var parcel = new Parcel(new string('x', size));

        var error = await Should
            .ThrowAsync<ArgumentException>(host.Jobs.EnqueueManyAsync(Enumerable.Repeat(parcel, jobs), cancellationToken: Token));

        error.Message.ShouldContain("Give them in several calls");
        _store.Flushes.Skip(before).ShouldAllBe(static f => f.Enqueues.Count == 0);
    }

    [Fact]
    public async Task Of_a_call_whose_durable_jobs_are_too_large_the_others_are_not_stored_in_memory_either()
    {
        await using var host = await StartAsync();
        var parcel = new Parcel(new string('x', 1_000_000));
        var call = Enumerable.Repeat((IJob)parcel, 70).Select(static job => (job, (EnqueueOptions?)null))
            .Prepend((new Parcel("light"), new EnqueueOptions { Queue = "light" }));

        await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueManyAsync(call, Token));

        (await host.Node.Memory.Store.Browser.CountAsync(Token)).ShouldBeEmpty();
    }

    private async Task<JobHandle[]> EnqueueAtOnceAsync(EngineHost host, int count, int size)
    {
        _store.Hold();
        var calls = Enumerable.Range(0, count)
            .Select(_ => host.Jobs.EnqueueAsync(new Parcel(new string('x', size)), cancellationToken: Token)).ToList();
        _store.Release();
        return await Task.WhenAll(calls);
    }

    private async Task<EngineHost> StartAsync(TimeSpan? patience = null)
    {
        var host = await EngineHost.StartAsync(s => s
            .UseStore("shaky", _ => _store)
            .Configure(o =>
            {
                o.EnqueueTimeout = patience ?? TimeSpan.FromSeconds(30);
                o.Worker.Queues.Add("default");
            })
            .AddQueue("parcels")
            .AddQueue("light", static q => q.Durability = Durability.InMemory)
            .AddJob((Parcel _, CancellationToken _) => Task.CompletedTask, static o => o.Queue = "parcels")
            .AddJob(async (Measure _, CancellationToken token) =>
            {
                await _go.WaitAsync(token);
                return new string('y', Large);
            }));

        // The first claim is a flush too. It must be over before the test holds one.
        await host.Node.Durable!.Flusher.WhenIdle();
        return host;
    }

    private sealed record Parcel(string Content) : IJob;

    private sealed record Measure(int Number) : IJob<string>;
}
