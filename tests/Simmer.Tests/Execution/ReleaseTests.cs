using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>However a run ends, all that was made for it is released, and once.</summary>
public sealed class ReleaseTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly CountingTime _time = new();
    private readonly Ledger _ledger = new();
    private readonly Course _course = new();

    public static TheoryData<End, bool> Ends => new(
        from end in Enum.GetValues<End>()
        from handlerClass in new[] { true, false }
        select (end, handlerClass));

    public enum End
    {
        Success,
        Throws,
        TimeLimit,
        Cancel,
        Shutdown,
        LeaseLost,
        RetryIn,
        Snooze,
        Fail,
        CancelVerdict,
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Whatever_a_run_was_given_is_released_once(End end, bool handlerClass)
    {
        await using var host = await StartAsync(handlerClass);
        var handle = await host.Jobs
            .EnqueueAsync(new Piece(end),
            new EnqueueOptions { MaxAttempts = 1, TimeLimit = end == End.TimeLimit ? TimeSpan.FromMilliseconds(50) : null }, Cancelled);
        await _course.Started.WaitAsync();

        await BringAboutAsync(end, host, handle);

        await Until.True(() => host.Node.Durable!.Table.Count == 0, "the run has ended");
        _ledger.MadeOf<PlainThing>().ShouldBe(1);
        _ledger.MadeOf<SlowThing>().ShouldBe(1);
        _ledger.MadeOf<PieceHandler>().ShouldBe(handlerClass ? 1 : 0);
        _ledger.Unreleased.ShouldBeEmpty();
        _ledger.ReleasedTwice.ShouldBeEmpty();
        Should.Throw<ObjectDisposedException>(() => _course.Tokens.Single().WaitHandle, "its cancellation source is released too");
    }

    [Fact]
    public async Task For_a_job_that_is_given_back_before_its_start_nothing_is_made()
    {
        await using var host = await StartAsync(handlerClass: true, static q => q.Concurrency = 1);
        _ = await host.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Piece(End.Shutdown), 10), cancellationToken: Cancelled);
        await _course.Started.WaitAsync();

        await host.StopNowAsync();

        _ledger.MadeOf<PieceHandler>().ShouldBe(1);
        _ledger.Unreleased.ShouldBeEmpty();
        _ledger.ReleasedTwice.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(End.Success)]
    [InlineData(End.Throws)]
    [InlineData(End.Shutdown)]
    public async Task Whatever_a_task_after_a_response_was_given_is_released_once(End end)
    {
        await using var host = await StartAsync(handlerClass: false);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<BackgroundTasks>().Add(
                (PlainThing _, SlowThing _, CancellationToken cancellationToken) => _course.RunAsync(end, cancellationToken));
        }

        await _course.Started.WaitAsync();
        await host.StopNowAsync();

        await Until.True(() => host.Node.Memory.Table.Count == 0, "it has ended");
        _ledger.Made.ShouldBe(2);
        _ledger.Unreleased.ShouldBeEmpty();
        _ledger.ReleasedTwice.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_timer_is_left_by_runs_of_any_end()
    {
        await using var host = await StartAsync(handlerClass: true);
        await Until.True(() => _time.Timers > 0, "the loops rest");
        await RunManyAsync(host);
        var before = _time.Timers;

        for (var round = 0; round < 5; round++)
        {
            await RunManyAsync(host);
        }

        await Until.True(() => _time.Timers <= before, "as many timers as before");
        _ledger.Unreleased.ShouldBeEmpty();
        await host.DisposeAsync();
        await Until.True(() => _time.Timers == 0, "with the host the last timer is gone");
    }

    private static async Task RunManyAsync(EngineHost host)
    {
        var ends = new[] { End.Success, End.Throws, End.Fail, End.CancelVerdict, End.TimeLimit };
        var options = new EnqueueOptions { MaxAttempts = 1, TimeLimit = TimeSpan.FromMilliseconds(50) };
        var handles = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 50).Select(i => new Piece(ends[i % ends.Length])), options, Cancelled);
        foreach (var handle in handles)
        {
            _ = await host.Jobs.WaitAsync(handle.Id, Cancelled);
        }
    }

    private async Task BringAboutAsync(End end, EngineHost host, JobHandle handle)
    {
        switch (end)
        {
            case End.Cancel:
                _ = await handle.CancelAsync("not needed", Cancelled);
                break;
            case End.Shutdown:
                await host.StopNowAsync();
                break;
            case End.LeaseLost:
                _store.Silenced[host.Node.Durable!.Registered!.Value.Value] = true;
                break;
        }
    }

    private Task<EngineHost> StartAsync(bool handlerClass, Action<QueueOptions>? queue = null) => EngineHost.StartAsync(
        s =>
        {
            s.UseStore("shaky", _ => _store).AddQueue("default", queue).Configure(static o => o.Lease = TimeSpan.FromSeconds(3));
            _ = handlerClass
                ? s.AddJob<Piece, PieceHandler>()
                : s.AddJob((Piece job, PlainThing _, SlowThing _, Course course, CancellationToken cancellationToken) => course
                    .RunAsync(job.End, cancellationToken));
        },
        b => b.Services.AddSingleton<TimeProvider>(_time).AddSingleton(_ledger).AddSingleton(_course).AddScoped<PlainThing>()
            .AddTransient<SlowThing>());

    public sealed record Piece(End End) : IJob;

    internal sealed class Course
    {
        public Signal Started { get; } = new();

        public ConcurrentQueue<CancellationToken> Tokens { get; } = new();

        public async Task<JobVerdict> RunAsync(End end, CancellationToken cancellationToken)
        {
            Tokens.Enqueue(cancellationToken);
            Started.Set();
            switch (end)
            {
                case End.Throws:
                    throw new InvalidOperationException("as asked");
                case End.TimeLimit or End.Cancel or End.Shutdown or End.LeaseLost:
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return JobVerdict.Success;
                default:
                    return Verdict(end);
            }
        }

        private static JobVerdict Verdict(End end) => end switch
        {
            End.RetryIn => JobVerdict.RetryIn(TimeSpan.FromHours(1)),
            End.Snooze => JobVerdict.Snooze(TimeSpan.FromHours(1)),
            End.Fail => JobVerdict.Fail("as asked"),
            End.CancelVerdict => JobVerdict.Cancel("as asked"),
            _ => JobVerdict.Success,
        };
    }

    internal sealed class PieceHandler : IVerdictHandler<Piece>, IAsyncDisposable
    {
        private readonly Ledger _ledger;
        private readonly Course _course;

        public PieceHandler(Ledger ledger, Course course, PlainThing plain, SlowThing slow)
        {
            (_ledger, _course, _) = (ledger, course, (plain, slow));
            ledger.Add(this);
        }

        public Task<JobVerdict> HandleAsync(Piece job, JobContext context, CancellationToken cancellationToken) =>
            _course.RunAsync(job.End, cancellationToken);

        public ValueTask DisposeAsync()
        {
            _ledger.Released(this);
            return ValueTask.CompletedTask;
        }
    }
}
