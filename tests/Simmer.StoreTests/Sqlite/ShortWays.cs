using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;
using SQLitePCL;

namespace Simmer.StoreTests.Sqlite;

/// <summary>How many statements the commonest operations take. More of them answer the same, and cost every job.</summary>
public sealed class ShortWays : SqliteTest
{
    private readonly ConcurrentQueue<string> _statements = [];

    [Fact]
    public async Task A_job_that_is_not_kept_ends_in_one_statement()
    {
        var (store, worker) = await StartAsync();
        var claim = await worker.StartAsync(Some.Draft());
        _statements.Clear();
        (await worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.Zero)).Settled.ShouldBeTrue();
        Written().ShouldHaveSingleItem().ShouldStartWith("DELETE FROM simmer_job");
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_job_that_is_kept_ends_in_two_statements()
    {
        var (store, worker) = await StartAsync();
        var claim = await worker.StartAsync(Some.Draft());
        _statements.Clear();
        (await worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.FromDays(1))).Settled.ShouldBeTrue();
        Written().Select(static s => s[..12]).ShouldBe(["INSERT OR IG", "DELETE FROM "]);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_stored_in_one_statement_and_claimed_in_two()
    {
        var (store, worker) = await StartAsync();
        _ = await worker.EnqueueAsync(Some.Draft());
        _statements.Clear();
        _ = await worker.EnqueueAsync(Some.Draft());
        Written().ShouldHaveSingleItem().ShouldStartWith("INSERT INTO simmer_job");
        _statements.Clear();
        (await worker.ClaimAsync()).ShouldHaveSingleItem();
        Written().Select(static s => s[..12]).ShouldBe(["SELECT seq, ", "UPDATE simme"]);
        await store.DisposeAsync();
    }

    private async Task<(SqliteJobStore, TestWorker)> StartAsync()
    {
        var options = new SqliteStoreOptions { Synchronous = SqliteSynchronous.Normal, LeaseClock = LeaseClock.Caller };
        var database = new SqliteDatabase($"Data Source={FilePath}", options, NullLogger.Instance)
        {
            Watch = session => raw.sqlite3_trace(session.Handle, (_, text) => _statements.Enqueue(text.Trim()), null),
        };
        var store = new SqliteJobStore(database, options, NullLogger.Instance);
        await store.InitializeAsync(Token);
        return (store, await RegisterAsync(store));
    }

    private List<string> Written() => [.. _statements.Where(static s => s.Contains(" simmer_job", StringComparison.Ordinal))];
}
