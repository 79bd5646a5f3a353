using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.DiskTests.Support;
using Simmer.Sqlite;
using Simmer.Storage;

namespace Simmer.DiskTests;

/// <summary>The wall clock jumps by an hour while real jobs run on the real engine and a real file.</summary>
public sealed class ClockTests : Folder
{
    private const int ClockIsWrong = 1080;
    private const int ClockIsRight = 1081;

    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(3);

    private readonly JumpingClock _clock = new();
    private readonly ConcurrentDictionary<string, int> _runs = new();
    private readonly Signal _go = new();

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    [Trait("Rule", "8 a jump of any clock kills nobody")]
    public async Task A_jump_kills_nobody_and_nothing_runs_twice(int minutes)
    {
        await using var one = await StartAsync(_clock);
        await using var two = await StartAsync(_clock);
        var running = await EnqueueAsync(one, "running", 10, waits: true);
        await Until.True(() => _runs.Count == 10, "all run");

        _clock.Jump(TimeSpan.FromMinutes(minutes));
        await BeatsPassAsync(one, two);
        var later = await EnqueueAsync(two, "later", 10, waits: false);
        _go.Set();

        await EndAsync(one, [.. running, .. later]);
        _runs.Values.ShouldAllBe(static n => n == 1);
        Quarrels(one, two).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    [Trait("Rule", "8 lease verbs use the database's clock: a jump of any clock kills nobody")]
    public async Task A_jump_of_the_databases_clock_kills_nobody(int minutes)
    {
        // The leases go by the jumping clock here, as they would if the system's own clock were set.
        await using var one = await StartAsync(_clock, LeaseClock.Caller);
        await using var two = await StartAsync(_clock, LeaseClock.Caller);
        var running = await EnqueueAsync(one, "running", 10, waits: true);
        await Until.True(() => _runs.Count == 10, "all run");

        _clock.Jump(TimeSpan.FromMinutes(minutes));
        await BeatsPassAsync(one, two);
        _go.Set();

        await EndAsync(two, running);
        _runs.Values.ShouldAllBe(static n => n == 1);
        Quarrels(one, two).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Rule", "8 a jump of any clock kills nobody")]
    public async Task Two_hosts_whose_clocks_are_an_hour_apart_share_a_file_in_peace()
    {
        var ahead = new JumpingClock();
        ahead.Jump(TimeSpan.FromHours(1));
        await using var one = await StartAsync(_clock);
        await using var two = await StartAsync(ahead);
        var jobs = new List<JobId>();
        for (var round = 0; round < 5; round++)
        {
            jobs.AddRange(await EnqueueAsync(one, $"one {round}", 20, waits: false));
            jobs.AddRange(await EnqueueAsync(two, $"two {round}", 20, waits: false));
        }

        await BeatsPassAsync(one, two);

        await EndAsync(one, jobs);
        _runs.Values.ShouldAllBe(static n => n == 1);
        Quarrels(one, two).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_delayed_job_runs_when_it_is_due_by_the_clock_wherever_that_jumps()
    {
        // A jump that is allowed.
        await using var host = await StartAsync(_clock, maxSkew: TimeSpan.FromDays(1));
        var due = new EnqueueOptions { Delay = TimeSpan.FromMinutes(59) };
        var job = (await host.Jobs.EnqueueAsync(new Note("delayed"), due, Token)).Id;

        _clock.Jump(TimeSpan.FromHours(-1));
        await BeatsPassAsync(host);
        _runs.ShouldBeEmpty("it is due in two hours now");
        _clock.Jump(TimeSpan.FromHours(2));

        await EndAsync(host, [job]);
        _runs["delayed"].ShouldBe(1);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_jump_makes_no_storm_of_retries(int minutes)
    {
        var attempts = 0;
        await using var host = await EngineHost.StartAsync(
            s => s.UseSqlite($"Data Source={Database};Pooling=False")
                .Configure(static o => (o.Lease, o.MaxClockSkew) = (s_lease, TimeSpan.FromDays(1))).AddJob((Note _, CancellationToken _) =>
            {
                Interlocked.Increment(ref attempts);
                return Task.FromException<string>(new InvalidOperationException("not yet"));
            }, static o => o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromMinutes(1), Jitter = false }),
            b => b.Services.AddSingleton<TimeProvider>(_clock));
        _ = await host.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Note(), 10), cancellationToken: Token);
        await Until.True(() => Volatile.Read(ref attempts) == 10, "each has failed once");
        while ((await host.Node.Durable!.Store.Browser
            .ListAsync(new JobQuery { State = JobState.Scheduled, Limit = 100 }, Token)).Count < 10)
        {
            await Task.Delay(5, Token);
        }

        _clock.Jump(TimeSpan.FromMinutes(minutes));
        await BeatsPassAsync(host);
        await Until.True(() => Volatile.Read(ref attempts) >= (minutes > 0 ? 20 : 10), "what is due has run");

        // Forwards, each is due once and then waits again, by the new clock; backwards, nothing is due for an hour.
        Volatile.Read(ref attempts).ShouldBe(minutes > 0 ? 20 : 10);
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task A_clock_that_is_years_off_for_a_while_destroys_nothing_and_upkeep_goes_on_when_it_is_right_again(int days)
    {
        await using var host = await StartAsync(_clock);
        await EndAsync(host, await EnqueueAsync(host, "kept", 3, waits: false));
        var running = await EnqueueAsync(host, "running", 16, waits: true);
        await Until.True(() => _runs.Count == 19, "all slots are taken");
        var expiring = (await host.Jobs
            .EnqueueAsync(new Note("expiring"), new EnqueueOptions { ExpiresIn = TimeSpan.FromDays(1) }, Token)).Id;
        var nextMonth = (await host.Jobs
            .EnqueueAsync(new Note("next month"), new EnqueueOptions { Delay = TimeSpan.FromDays(30) }, Token)).Id;

        _clock.Jump(TimeSpan.FromDays(days));
        await Until.True(() => host.Log.Lines
            .Any(static l => l.EventId == ClockIsWrong && l.Text.Contains("sqlite", StringComparison.Ordinal)),
            "it says that its clock is wrong");
        await BeatsPassAsync(host);
        var soon = (await host.Jobs
            .EnqueueAsync(new Note("soon"), new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(100) }, Token)).Id;
        _clock.Jump(TimeSpan.FromDays(-days));
        await Until.True(() => host.Log.Lines
            .Any(static l => l.EventId == ClockIsRight && l.Text.Contains("sqlite", StringComparison.Ordinal)),
            "it says that its clock is right");
        _go.Set();

        await EndAsync(host, [.. running, expiring, soon]);
        host.Log.Lines.Where(static l => l.EventId == ClockIsWrong).ShouldAllBe(static l => l.Level == LogLevel.Error);
        host.Log.Lines.Count(static l => l.EventId == ClockIsWrong && l.Text.Contains("sqlite", StringComparison.Ordinal)).ShouldBe(1);
        (await host.Jobs.GetAsync(nextMonth, Token))!.State.ShouldBe(JobState.Scheduled);
        _runs.Keys.Count(static k => k.StartsWith("kept", StringComparison.Ordinal)).ShouldBe(3);
        var stored = await host.Node.Durable!.Store.Browser.ListAsync(new JobQuery { State = JobState.Succeeded, Limit = 100 }, Token);
        stored.Count(static j => j.FinishedAt < TimeProvider.System.GetUtcNow().AddMinutes(1) && j.FinishedAt > TimeProvider.System
            .GetUtcNow().AddHours(-1)).ShouldBe(21);
    }

    private static IEnumerable<string> Quarrels(params IEnumerable<EngineHost> hosts) =>
        hosts.SelectMany(static h => h.Log.Lines).Where(static l => l.Level >= LogLevel.Warning && l.EventId != ClockIsWrong)
            .Select(static l => l.Text);

    private static async Task<List<JobId>> EnqueueAsync(EngineHost host, string name, int count, bool waits) =>
        [.. (await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, count).Select(i => new Note($"{name} {i}", waits)),
            cancellationToken: Token)).Select(static h => h.Id)];

    private static async Task EndAsync(EngineHost host, IEnumerable<JobId> jobs)
    {
        foreach (var job in jobs)
        {
            (await host.Jobs.WaitAsync(job, Token).WaitAsync(TimeSpan.FromSeconds(60), Token))!.State.ShouldBe(JobState.Succeeded);
        }
    }

    /// <summary>Waits for two leases, after which a worker that counted as dead would have been declared so.</summary>
    private static async Task BeatsPassAsync(params EngineHost[] hosts)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Until.True(() => TimeProvider.System.GetElapsedTime(began) > s_lease * 2, "two leases pass");
        await Until.True(() => Array.TrueForAll(hosts, h => h.Node.Durable!.Leases!.ConfirmedAt > began), "all have beaten since");
    }

    private Task<EngineHost> StartAsync(JumpingClock clock, LeaseClock leases = LeaseClock.Database, TimeSpan? maxSkew = null)
    {
        var options = new SqliteStoreOptions { LeaseClock = leases };
        return EngineHost.StartAsync(
            s => s.UseStore("sqlite", _ => new SqliteJobStore($"Data Source={Database}", options, NullLogger.Instance))
                .Configure(o => (o.Lease, o.MaxClockSkew, o.PruneInterval) = (s_lease, maxSkew ?? o.MaxClockSkew, TimeSpan.FromSeconds(1)))
                .AddJob(async (Note job, CancellationToken cancellationToken) =>
            {
                _runs.AddOrUpdate(job.Text, 1, static (_, n) => n + 1);
                if (job.Waits)
                {
                    await _go.WaitAsync(cancellationToken);
                }

                return "";
            }),
            b => b.Services.AddSingleton<TimeProvider>(clock));
    }
}
