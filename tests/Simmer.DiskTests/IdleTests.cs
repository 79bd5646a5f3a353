using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Simmer.DiskTests.Support;
using Simmer.Sqlite;
using static SQLitePCL.raw;

namespace Simmer.DiskTests;

/// <summary>The statements of an idle worker, counted by SQLite itself.</summary>
public sealed class IdleTests : Folder
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Rule", "11 one tick does beat, signals, ready queues and next due time: the idle budget holds")]
    public async Task An_idle_worker_makes_at_most_fifteen_transactions_a_minute(int workers)
    {
        var hosts = new List<(EngineHost Host, ConcurrentQueue<string> Statements)>();
        for (var i = 0; i < workers; i++)
        {
            hosts.Add(await StartAsync());
        }

        await PassAsync(hosts, minutes: 2);
        hosts.ForEach(static h => h.Statements.Clear());
        await PassAsync(hosts, minutes: 10);

        foreach (var (host, statements) in hosts)
        {
            statements.Count(static s => s == "COMMIT")
                .ShouldBeInRange(100, 150, "the counts of ten minutes:\n" + string
                .Join('\n', statements.CountBy(static s => s.Length < 30 ? s : s[..30]).Select(static c => $"{c.Value} × {c.Key}")));
            await host.DisposeAsync();
        }
    }

    /// <summary>Lets time pass second by second, and real time for those whose beat is due.</summary>
    private async Task PassAsync(List<(EngineHost Host, ConcurrentQueue<string> Statements)> hosts, int minutes)
    {
        for (var second = 0; second < minutes * 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            for (var patience = 0; patience < 100 && !hosts.TrueForAll(HasBeaten); patience++)
            {
                await Task.Delay(1, Token);
            }
        }
    }

    private bool HasBeaten((EngineHost Host, ConcurrentQueue<string> Statements) host) =>
        host.Host.Node.Durable!.Leases!.ConfirmedAt is { } at && _time.GetElapsedTime(at) < TimeSpan.FromSeconds(5);

    private async Task<(EngineHost Host, ConcurrentQueue<string> Statements)> StartAsync()
    {
        var statements = new ConcurrentQueue<string>();
        // Leases by the simulated clock: ten minutes pass in seconds.
        var options = new SqliteStoreOptions { LeaseClock = LeaseClock.Caller };
        var host = await EngineHost.StartAsync(
            s => s.UseStore("sqlite", _ => new SqliteJobStore(Traced(options, statements), options, NullLogger.Instance))
                .AddJob(static (Note _, CancellationToken _) => Task.FromResult("")),
            b => b.Services.AddSingleton<TimeProvider>(_time));
        return (host, statements);
    }

    private SqliteDatabase Traced(SqliteStoreOptions options, ConcurrentQueue<string> statements) =>
        new($"Data Source={Database}", options, NullLogger.Instance)
        {
            Watch = session => sqlite3_trace(session.Handle, (_, text) => statements.Enqueue(text), null),
        };
}
