using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.FleetTests.Hosts;

namespace Simmer.FleetTests.Leases;

/// <summary>A process whose wall clock is years off, beside the database's and other processes' rows.</summary>
[Trait("Rule", "8")]
public sealed class WrongClock : HostTest
{
    private const int NoUpkeep = 1080;

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task A_process_whose_clock_is_years_off_destroys_nothing_that_others_have_stored_and_says_so(int days)
    {
        var connection = await ConnectAsync();
        await using (var right = await StartAtAsync(TimeSpan.Zero))
        {
            await DoAsync(right, 3, "kept");
            _ = await right.Jobs
                .WaitAsync((await right.Jobs.EnqueueAsync(new Pay(-1), new EnqueueOptions { MaxAttempts = 1 }, Token)).Id, Token);
            _ = await right.Jobs.EnqueueAsync(new Note("next month"), new EnqueueOptions { Delay = TimeSpan.FromDays(30) }, Token);
            _ = await right.Jobs.EnqueueAsync(new Note("next month, or never"),
                new EnqueueOptions { Delay = TimeSpan.FromDays(30), ExpiresIn = TimeSpan.FromDays(60) }, Token);
            _ = await right.Jobs.EnqueueAsync(new Pay(2),
                new EnqueueOptions { Queue = "elsewhere", ExpiresIn = TimeSpan.FromDays(1) }, Token);
        }

        const string Stored = """
            (SELECT count(*) FROM simmer.history) || ' ended, ' || (SELECT count(*) FROM simmer.job
                WHERE state = 2) || ' scheduled, ' || (SELECT count(*) FROM simmer.job WHERE state = 3) || ' ready, ' ||
            (SELECT count(*) FROM simmer.error) || ' errors, ' || (SELECT count(*) FROM pg_inherits
                WHERE inhparent = 'simmer.history'::regclass) || ' partitions'
            """;
        var before = await AskAsync<string>(connection, "SELECT " + Stored);
        before.ShouldStartWith("4 ended, 2 scheduled, 1 ready, 1 errors");
        await using var wrong = await StartAtAsync(TimeSpan.FromDays(days));

        await BecomesAsync(connection, "(SELECT min(beats) >= 5 FROM simmer.worker)");

        wrong.Log.Lines.Where(static l => l.EventId == NoUpkeep).ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
        (await AskAsync<string>(connection, "SELECT " + Stored)).ShouldBe(before);
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task What_a_process_with_a_wrong_clock_writes_has_the_databases_times(int days)
    {
        var connection = await ConnectAsync();
        await using var wrong = await StartAtAsync(TimeSpan.FromDays(days));
        await using var right = await StartAtAsync(TimeSpan.Zero);
        await DoAsync(wrong, 3, "kept");
        var failed = await wrong.Jobs.EnqueueAsync(new Pay(-1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        _ = await wrong.Jobs.WaitAsync(failed.Id, Token);
        var absolute = DateTimeOffset.UtcNow.AddDays(1);
        var tomorrow = await wrong.Jobs.EnqueueAsync(new Note("tomorrow"), new EnqueueOptions { DueAt = absolute }, Token);
        _ = await wrong.Jobs.EnqueueAsync(new Note("in an hour"),
            new EnqueueOptions { Delay = TimeSpan.FromHours(1), ExpiresIn = TimeSpan.FromHours(2) }, Token);
        _ = await wrong.Jobs.EnqueueAsync(new Pay(3), new EnqueueOptions { Queue = "elsewhere", ExpiresIn = TimeSpan.FromHours(2) }, Token);
        var retried = await wrong.Jobs.EnqueueAsync(new Pay(-2), cancellationToken: Token);
        var flow = new Workflow();
        flow.Add("late", new Note("a late step"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) })
            .After(flow.Add("early", new Note("an early step")));
        _ = await wrong.Jobs.EnqueueAsync(flow, cancellationToken: Token);
        var done = new Workflow();
        done.Add("only", new Note("only"));
        await (await wrong.Jobs.EnqueueAsync(done, cancellationToken: Token)).WaitAsync(Token);
        await BecomesAsync(connection, $"(SELECT due_at IS NOT NULL FROM simmer.job WHERE id = '{retried.Id}')");
        await BecomesAsync(connection, "(SELECT count(*) = 4 FROM simmer.job WHERE state = 2)");

        const string Now = "(extract(epoch FROM clock_timestamp()) * 10000000)::bigint";
        foreach (var (what, low, high) in new[]
        {
            ("(SELECT min(enqueued_at) FROM simmer.job)", -60, 1), ("(SELECT max(enqueued_at) FROM simmer.job)", -60, 1),
            ("(SELECT min(finished_at) FROM simmer.history)", -60, 1), ("(SELECT max(started_at) FROM simmer.history)", -60, 1),
            ($"(SELECT keep_until FROM simmer.history WHERE id = '{failed.Id}')", (14 * 86_400) - 60, (14 * 86_400) + 1),
            ("(SELECT min(keep_until) FROM simmer.history WHERE step IS NULL)", 86_400 - 60, 86_400 + 1),
            ("(SELECT max(at) FROM simmer.error)", -60, 1), ("(SELECT max(at) FROM simmer.flush)", -60, 1),
            ($"(SELECT due_at FROM simmer.job WHERE id = '{retried.Id}')", -60, 3_600),
            ("(SELECT max(due_at) FROM simmer.job WHERE expires_at IS NOT NULL)", 3_600 - 60, 3_600 + 1),
            ("(SELECT max(expires_at) FROM simmer.job)", 7_200 - 60, 7_200 + 1),
                ("(SELECT min(expires_at) FROM simmer.job)", 7_200 - 60, 7_200 + 1),
            ("(SELECT max(due_at) FROM simmer.job WHERE step IS NOT NULL)", 3_600 - 60, 3_600 + 1),
            ("(SELECT keep_until FROM simmer.workflow WHERE keep_until IS NOT NULL)", 3_600, 100 * 86_400L),
        })
        {
            var seconds = await AskAsync<long>(connection, $"SELECT ({what} - {Now}) / 10000000");
            seconds.ShouldBeInRange(low, high, what);
        }

        (await tomorrow.GetAsync(Token))!.DueAt!.Value.ShouldBe(absolute, TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task A_delay_that_a_process_with_a_wrong_clock_has_given_ends_by_the_databases_clock(int days)
    {
        await using var right = await StartAtAsync(TimeSpan.Zero);
        await using var wrong = await StartAtAsync(TimeSpan.FromDays(days));

        var job = await wrong.Jobs.EnqueueAsync(new Note("soon"), new EnqueueOptions { Delay = TimeSpan.FromSeconds(1) }, Token);
        await job.WaitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);

        Notes.ShouldContain("soon");
    }

    private Task<EngineHost> StartAtAsync(TimeSpan by) => StartAsync(
        s => s.Configure(static o =>
            {
                (o.Lease, o.PruneInterval, o.PollInterval) =
                    (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100));
                o.Worker.Queues.Add("default");
            })
            .AddQueue("elsewhere")
            .AddJob((Pay pay, CancellationToken _) => pay.Order < 0
                ? Task.FromException(new InvalidOperationException("no money"))
                : Task.CompletedTask),
        host: b => b.Services.AddSingleton<TimeProvider>(by == TimeSpan.Zero ? TimeProvider.System : new ShiftedTime(by)));
}
