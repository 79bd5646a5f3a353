using System.Globalization;
using Simmer.Storage;

namespace Simmer.StoreTests.Damage;

/// <summary>A worker whose row holds a number that no worker writes, or is gone: others judge it by that row.</summary>
/// <param name="store">The store.</param>
/// <param name="execute">Executes a statement on another connection; false: the database refused it.</param>
/// <param name="prefix">The prefix of the names of the tables.</param>
internal sealed class DamagedWorker(IJobStore store, Func<string, Task<bool>> execute, string prefix)
{
    private const int Slots = 16;

    private static readonly DateTimeOffset s_now = Some.Moment;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Leases that no worker can have.</summary>
    public static string[] Leases => ["0", "-1", "1", "29999999", "864000000001", "9223372036854775807", "-9223372036854775808"];

    /// <summary>Slots that no worker can have.</summary>
    public static string[] NoSlots => ["0", "-1", "-2147483648"];

    /// <summary>The worker is judged by the observer's lease: alive within it, and dead after it.</summary>
    public async Task WithLeaseAsync(string value)
    {
        var observer = await RegisterAsync();
        var living = await RegisterAsync();
        var claim = await living.StartAsync(Some.Draft());
        if (!await execute($"UPDATE {prefix}worker SET lease = {value} WHERE id = {living.Id.Value}"))
        {
            await ForgetAsync(claim.Job.Id, observer, living);
            return;
        }

        (await store.BeatAsync(new BeatRequest(observer.Id, []), s_now, Token)).Others.Single(o => o.Id == living.Id).Lease
            .ShouldBeNull(value);
        (await store.Browser.WorkersAsync(s_now, Token)).Single(w => w.Id == living.Id).Info.Lease.ShouldBeNull(value);
        (await RescueAsync(living, s_now)).Dead.ShouldBeEmpty(value);
        (await RescueAsync(living, s_now + Some.Lease - TimeSpan.FromSeconds(1))).Dead.ShouldBeEmpty(value);

        var report = await RescueAsync(living, s_now + Some.Lease);

        report.Dead.ShouldBe([living.Id], value);
        report.Rescued.ShouldBe([claim.Job.Id], value);
        await ForgetAsync(claim.Job.Id, observer);
    }

    /// <summary>The last beat of the worker is at an impossible time. It is dead when its lease has passed with its counter standing
    /// still.</summary>
    public async Task WithBeatAtAsync(string value)
    {
        var observer = await RegisterAsync();
        var dying = await RegisterAsync();
        var claim = await dying.StartAsync(Some.Draft());
        (await execute($"UPDATE {prefix}worker SET beat_at = {value} WHERE id = {dying.Id.Value}")).ShouldBeTrue();

        (await store.PollAsync(observer.Id, s_now, Token)).Others.Single(o => o.Id == dying.Id).BeatAge
            .ShouldBeGreaterThan(Some.Lease, value);
        (await RescueAsync(dying, s_now + Some.Lease)).Dead.ShouldBe([dying.Id], value);
        await ForgetAsync(claim.Job.Id, observer);
    }

    /// <summary>The clock was an hour ahead for a while. No worker is dead because of that.</summary>
    public async Task WithBeatOfAClockThatWasAheadAsync()
    {
        var living = await RegisterAsync();
        var ahead = DbTime.Of(s_now + TimeSpan.FromHours(1)).ToString(CultureInfo.InvariantCulture);
        (await execute($"UPDATE {prefix}worker SET beat_at = {ahead} WHERE id = {living.Id.Value}")).ShouldBeTrue();

        (await RescueAsync(living, s_now + Some.Lease)).Dead.ShouldBeEmpty();
    }

    /// <summary>It is not known how many other jobs were beside the job. It spends no attempt before its level would have left it alone in
    /// any worker, and then it does.</summary>
    public async Task WithSlotsAsync(string value)
    {
        var killer = Some.Draft();
        _ = await (await RegisterAsync()).EnqueueAsync(killer);
        for (var death = 1; death <= SuspectRoom.HighestLevel + 2; death++)
        {
            var dying = await RegisterAsync();
            (await dying.ClaimAsync(room: new SuspectRoom(Slots))).Count.ShouldBe(1);
            if (!await execute($"UPDATE {prefix}worker SET slots = {value} WHERE id = {dying.Id.Value}"))
            {
                return;
            }

            (await store.Browser.WorkersAsync(s_now, Token)).Single(w => w.Id == dying.Id).Info.Slots.ShouldBeNull(value);
            (await RescueAsync(dying, s_now + (Some.Lease * 3))).Dead.ShouldBe([dying.Id]);
            await ShouldHaveSpentAsync(killer.Id, death, value);
        }

        (await store.DeleteAsync([killer.Id], s_now, Token)).ShouldBe(1);
    }

    /// <summary>The same if the row of the worker is deleted each time before its death is noticed.</summary>
    public async Task WithoutARowAsync()
    {
        var killer = Some.Draft();
        _ = await (await RegisterAsync()).EnqueueAsync(killer);
        for (var death = 1; death <= SuspectRoom.HighestLevel + 2; death++)
        {
            var dying = await RegisterAsync();
            (await dying.ClaimAsync(room: new SuspectRoom(Slots))).Count.ShouldBe(1);
            (await execute($"DELETE FROM {prefix}worker WHERE id = {dying.Id.Value}")).ShouldBeTrue();

            (await store.RescueAsync(new RescueRequest([], Some.Lease, true), s_now, Token)).Rescued.ShouldBe([killer.Id]);
            await ShouldHaveSpentAsync(killer.Id, death, "no row");
        }
    }

    private async Task ShouldHaveSpentAsync(JobId id, int deaths, string why) =>
        (await store.Browser.GetAsync([id], Token))[0].ShouldNotBeNull().Attempt
            .ShouldBe(Math.Max(0, deaths - SuspectRoom.HighestLevel), $"{why}: after {deaths} deaths");

    private async Task<TestWorker> RegisterAsync() =>
        new(store, await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []) { Lease = Some.Lease * 3, Slots = Slots }, s_now,
            Token), static () => s_now);

    private ValueTask<RescueReport> RescueAsync(TestWorker worker, DateTimeOffset at) =>
        store.RescueAsync(new RescueRequest([(worker.Id, 0)], Some.Lease, false), at, Token);

    private async Task ForgetAsync(JobId job, params TestWorker[] workers)
    {
        foreach (var worker in workers)
        {
            await store.DeregisterAsync(worker.Id, s_now, Token);
        }

        (await store.DeleteAsync([job], s_now, Token)).ShouldBe(1);
    }
}
