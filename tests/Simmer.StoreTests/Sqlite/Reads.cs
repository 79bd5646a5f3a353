using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;
using SQLitePCL;

namespace Simmer.StoreTests.Sqlite;

/// <summary>Which reads run side by side.</summary>
public sealed class Reads : SqliteTest
{
    [Fact]
    public async Task The_engines_reads_wait_for_nobody_who_asks_or_watches()
    {
        var sessions = new ConcurrentQueue<SqliteSession>();
        var options = new SqliteStoreOptions { Synchronous = SqliteSynchronous.Normal, LeaseClock = LeaseClock.Caller };
        var database = new SqliteDatabase($"Data Source={FilePath}", options, NullLogger.Instance) { Watch = sessions.Enqueue };
        await using var store = new SqliteJobStore(database, options, NullLogger.Instance);
        await store.InitializeAsync(Token);
        var worker = await RegisterAsync(store);
        _ = await worker.EnqueueAsync(Some.Draft());
        _ = await store.ClaimsOfAsync(worker.Id, Token);
        sessions.Clear();

        // The session that asks. Its reads take until the test lets them go.
        _ = await store.Browser.CountAsync(Token);
        using var free = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sessions.TryPeek(out var asks).ShouldBeTrue();
        _ = raw.sqlite3_create_function(asks!.Handle, "unhex", 1, null, (_, _, _) =>
        {
            begun.TrySetResult();
            free.Wait(TimeSpan.FromSeconds(60));
        });
        var asked = Enumerable.Range(0, 20).Select(Task (_) => store.Browser.GetAsync([Some.Id()], Token).AsTask()).ToList();
        asked.AddRange(Enumerable.Range(0, 20).Select(Task (_) => store.Browser.VersionsAsync([Some.Id()], Token).AsTask()));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);

        (await store.PollAsync(worker.Id, Now, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token)).Alive.ShouldBeTrue();
        (await store.ClaimsOfAsync(worker.Id, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token)).IsEmpty.ShouldBeTrue();
        (await store.Browser.StepsAsync(WorkflowId.For("none"), null, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token))
            .ShouldBeEmpty();

        asked.ShouldAllBe(static a => !a.IsCompleted);
        free.Set();
        await Task.WhenAll(asked);
    }
}
