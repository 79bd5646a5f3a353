using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Hosting;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Diagnostics;

/// <summary>The status that health checks read.</summary>
public sealed class StatusTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly FakeTimeProvider _time = new(Some.Moment);

    [Fact]
    public async Task Many_who_ask_at_once_and_within_a_second_are_one_question()
    {
        await using var host = await StartAsync();
        var status = host.Services.GetRequiredService<SimmerStatus>();
        var answer = new Signal();
        _store.Reads.BeforeQueues.Enqueue(() => answer.WaitAsync());

        var asked = Enumerable.Range(0, 100).Select(_ => status.QueuesAsync(Cancelled)).ToList();
        answer.Set();
        _ = await Task.WhenAll(asked);
        _ = await status.QueuesAsync(Cancelled);
        _store.Reads.QueuesAsked.ShouldBe(1);

        _time.Advance(TimeSpan.FromSeconds(1));
        _ = await status.QueuesAsync(Cancelled);
        _store.Reads.QueuesAsked.ShouldBe(2);
    }

    [Fact]
    public async Task An_asker_that_gives_up_takes_the_answer_from_nobody()
    {
        await using var host = await StartAsync();
        var status = host.Services.GetRequiredService<SimmerStatus>();
        var answer = new Signal();
        _store.Reads.BeforeQueues.Enqueue(() => answer.WaitAsync());
        using var gone = new CancellationTokenSource();

        var given = status.QueuesAsync(gone.Token);
        var kept = status.QueuesAsync(Cancelled);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(given);
        answer.Set();

        _ = await kept;
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        await using var host = await StartAsync();
        var status = host.Services.GetRequiredService<SimmerStatus>();
        _store.Reads.BeforeQueues.Enqueue(static () => throw new StoreException("away", isTransient: true));

        await Should.ThrowAsync<StoreException>(status.QueuesAsync(Cancelled));
        _ = await status.QueuesAsync(Cancelled);
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(
        s => new Bench().AddTo(s.UseStore("shaky", _ => _store)), b => b.Services.AddSingleton<TimeProvider>(_time));
}
