using Simmer.CrashTests.Worker;
using Simmer.FleetTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>A worker gets SIGSTOP for longer than its lease and then SIGCONT: it was away and does not know it.</summary>
[Trait("Rule", "2")]
[Trait("Rule", "4")]
public class Freezing
{
    private const int Each = 2;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_frozen_worker_loses_its_jobs_is_refused_and_what_it_writes_for_them_is_not_committed()
    {
        await using var fleet = await Fleet.StartAsync();
        var deaf = await fleet.EnqueueAsync(Each, static () => new Bad(BadHow.IgnoreToken, 1_000));
        _ = await fleet.EnqueueAsync(Each, static () => new Bad(BadHow.WorkLong, 600_000));
        var charges = await fleet.EnqueueAsync(Each, static () => new Charge(1_000, Lingers.BeforeTransaction, IsDeaf: true));
        charges.AddRange(await fleet.EnqueueAsync(Each, static () => new Charge(1_000, Lingers.BeforeCompletion, IsDeaf: true)));
        var charged = $"job IN ('{string.Join("', '", charges)}')";
        var frozen = await fleet.SpawnReadyAsync();
        await fleet.SaidAsync("what = 'started'", 4 * Each, s_limit);

        frozen.Freeze();
        await fleet.EnqueueLoadAsync(200);
        var other = await fleet.SpawnReadyAsync(static l => l with { Callers = 1 });
        await fleet.SaidAsync($"{charged} AND what = 'done'", charges.Count, s_limit);
        await fleet.SaidAsync("life = 2 AND kind = 'bad' AND what = 'done'", 2 * Each, s_limit);
        frozen.Thaw();

        await fleet.SaidAsync("life = 1 AND what = 'refused'", deaf.Count, s_limit);
        await fleet.SaidAsync($"{charged} AND life = 1 AND run = 1 AND what = 'stopped'", charges.Count, s_limit);
        await fleet.WorksAsync(s_limit);
        await fleet.FinishAsync(s_limit, frozen, other);

        frozen.Lines("has declared this worker dead").ShouldHaveSingleItem();
        (await fleet.NumberAsync($"SELECT count(*) FROM charge WHERE {charged} AND life = 1 AND run = 1"))
            .ShouldBe(0, "written, and not committed");
        await fleet.EndAsync("one frozen worker", frozen.Life.Life);
    }

    [Fact]
    public async Task The_end_of_a_frozen_workers_run_is_refused_while_the_next_run_goes_on()
    {
        await using var fleet = await Fleet.StartAsync();
        _ = await fleet.EnqueueAsync(1, static () => new Bad(BadHow.Block, 5_000));
        var frozen = await fleet.SpawnReadyAsync();
        await fleet.SaidAsync("what = 'started'", 1, s_limit);

        frozen.Freeze();
        var other = await fleet.SpawnReadyAsync();
        await fleet.SaidAsync("life = 2 AND what = 'started'", 1, s_limit);
        frozen.Thaw();

        await fleet.SaidAsync("life = 1 AND run = 1 AND what = 'refused'", 1, s_limit);
        await fleet.FinishAsync(s_limit, frozen, other);
        await fleet.EndAsync("one frozen worker, one long job", frozen.Life.Life);
    }

    [Fact]
    [Trait("Rule", "16")]
    public async Task A_worker_frozen_between_completing_and_its_commit_keeps_that_job_and_nobody_waits_for_it()
    {
        await using var fleet = await Fleet.StartAsync();
        var charges = await fleet.EnqueueAsync(Each, static () => new Charge(2_000, Lingers.BeforeCommit, IsDeaf: true));
        var ids = $"'{{{string.Join(',', charges)}}}'";
        _ = await fleet.EnqueueAsync(Each, static () => new Bad(BadHow.WorkLong, 600_000));
        var frozen = await fleet.SpawnReadyAsync();
        await fleet.SaidAsync("what = 'started'", 2 * Each, s_limit);
        await fleet.UntilAsync("they do not get to their commit", s_limit, async () =>
            await fleet
                .NumberAsync($"SELECT count(*) FROM (SELECT 1 FROM simmer.job WHERE id = ANY({ids}) FOR UPDATE SKIP LOCKED) free") == 0);

        frozen.Freeze();
        var other = await fleet.SpawnReadyAsync(static l => l with { Callers = 1 });
        await fleet.SaidAsync("life = 2 AND kind = 'bad' AND what = 'done'", Each, s_limit);
        await fleet.WorksAsync(s_limit);
        frozen.Thaw();

        await fleet.SaidAsync("life = 1 AND kind = 'charge' AND run = 1 AND what = 'done'", charges.Count, s_limit);
        await fleet.FinishAsync(s_limit, frozen, other);
        (await fleet.NumberAsync($"SELECT count(*) FROM charge WHERE life = 1 AND run = 1 AND job = ANY({ids})"))
            .ShouldBe(charges.Count, "by the commits that came late");
        await fleet.EndAsync("one frozen worker with open transactions", frozen.Life.Life);
    }
}
