using System.Diagnostics;
using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

public sealed class Beats : SqliteTest
{
    [Fact]
    [Trait("Rule", "7 the heartbeat has its own connection and its own tiny transaction; nothing a flush waits for can delay it")]
    public async Task A_beat_goes_through_while_the_flusher_is_blocked()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var (blocked, free) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
        var armed = false;
        using var listening = store.Wakeups.Listen(_ =>
        {
            if (armed)
            {
                // Blocks the writer's own thread, as a slow disk would.
                blocked.TrySetResult();
                free.Wait(TimeSpan.FromSeconds(60));
            }
        });
        armed = true;
        store.Writer.Wake();
        using (var connection = Connect())
        {
            using var transaction = connection.BeginTransaction();
            _ = await store.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token);
            transaction.Commit();
        }

        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var flushes = Enumerable.Range(0, 20).Select(_ => worker.EnqueueAsync(Some.Draft()).AsTask()).ToList();

        for (var i = 0; i < 5; i++)
        {
            (await store.BeatAsync(new BeatRequest(worker.Id, []), Now, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token)).Alive
                .ShouldBeTrue();
        }

        flushes.ShouldAllBe(static flush => !flush.IsCompleted);
        free.Set();
        _ = await Task.WhenAll(flushes);
    }

    [Fact]
    [Trait("Rule", "7 the heartbeat has its own connection and its own tiny transaction; nothing a flush waits for can delay it")]
    public async Task A_beat_does_not_queue_behind_the_flushes_that_wait()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var flushes = Enumerable.Range(0, 100)
            .Select(_ => worker.EnqueueAllAsync([.. Enumerable.Range(0, 500).Select(static _ => Some.Draft())]).AsTask()).ToList();

        _ = await store.BeatAsync(new BeatRequest(worker.Id, []), Now, Token);

        flushes.Count(static flush => !flush.IsCompleted).ShouldBeGreaterThan(0, "it went before them");
        _ = await Task.WhenAll(flushes);
    }

    [Fact]
    [Trait("Rule", "11 one tick does beat, signals, ready queues and next due time: the idle budget holds")]
    public async Task Another_workers_beats_make_nobody_look()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (beating, _) = (await RegisterAsync(one), await RegisterAsync(two));
        var wakeups = (Simmer.Sqlite.SqliteWakeups)two.Wakeups;
        wakeups.Beside = TimeSpan.FromMilliseconds(5);
        var hints = 0;
        using var listening = wakeups.Listen(_ => Interlocked.Increment(ref hints));
        await SomePollsAsync();
        var before = Volatile.Read(ref hints);

        for (var i = 0; i < 10; i++)
        {
            _ = await one.BeatAsync(new BeatRequest(beating.Id, []), Now, Token);
            await SomePollsAsync();
        }

        (Volatile.Read(ref hints) - before).ShouldBeLessThanOrEqualTo(1, "a change that no signal announced is looked at once a minute");
    }

    [Fact]
    [Trait("Rule", "34 notifications are hints: at most one in 5 ms, after the commit, and the last one is always sent")]
    public async Task Many_commits_make_few_signals_and_the_last_one_is_sent()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (sender, receiver) = (await RegisterAsync(one), await RegisterAsync(two));
        var ((wakeups, found), began) = (((Simmer.Sqlite.SqliteWakeups)two.Wakeups, 0), Stopwatch.GetTimestamp());
        wakeups.Beside = TimeSpan.FromHours(1);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = wakeups.Listen(queues => _ = LookAsync());
        for (var i = 0; i < 300; i++)
        {
            _ = await sender.EnqueueAsync(Some.Draft());
        }

        await all.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        one.Writer.Signals.Written.ShouldBeLessThanOrEqualTo((long)(Stopwatch.GetElapsedTime(began).TotalMilliseconds / 5) + 2);

        async Task LookAsync()
        {
            if (Interlocked.Add(ref found, (await receiver.ClaimAsync(1_000)).Count) == 300)
            {
                _ = all.TrySetResult();
            }
        }
    }

    [Fact]
    [Trait("Rule", "34 saying asleep and the last look for work are one transaction")]
    public async Task Of_a_beat_that_says_idle_and_an_enqueue_one_sees_the_other()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (sleeper, sender) = (await RegisterAsync(one), await RegisterAsync(two));
        for (var round = 0; round < 100; round++)
        {
            _ = await one.BeatAsync(new BeatRequest(sleeper.Id, []), Now, Token);
            var beat = Task.Run(async () => await one.BeatAsync(new BeatRequest(sleeper.Id, [Some.Queue]), Now, Token), Token);
            var sent = Task.Run(
                async () =>
                {
                    _ = await sender.EnqueueAsync(Some.Draft());
                    return await two.PollAsync(sender.Id, Now, Token);
                },
                Token);

            ((await beat).ReadyQueues.Contains(Some.Queue) || (await sent).IdleElsewhere.Contains(Some.Queue))
                .ShouldBeTrue("both were blind");
            _ = await sent;
            _ = await sleeper.ClaimAsync(10);
        }
    }

    [Fact]
    [Trait("Rule", "35")]
    public async Task A_commit_of_the_callers_own_transaction_reaches_the_other_processes_by_a_signal()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        _ = (await RegisterAsync(one), await RegisterAsync(two));
        var wakeups = (Simmer.Sqlite.SqliteWakeups)two.Wakeups;
        wakeups.Beside = TimeSpan.FromHours(1);
        var (first, woken) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var own = one.Wakeups.Listen(static _ => { });
        using var listening = wakeups.Listen(queues => _ = first.TrySetResult() || woken.TrySetResult());
        await first.Task.WaitAsync(Token);
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        _ = await one.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token);
        transaction.Commit();

        await woken.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    /// <summary>Long enough for several looks at 5 ms each.</summary>
    private static Task SomePollsAsync() => Task.Delay(40, Token);
}
