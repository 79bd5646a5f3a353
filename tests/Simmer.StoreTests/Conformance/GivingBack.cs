using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class GivingBack<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    [Trait("Rule", "1")]
    public async Task It_spends_no_attempt_and_keeps_counting_runs()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        (await Worker.GiveBackAsync(claim.Token)).ShouldBeTrue();

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.Attempt, record.Worker).ShouldBe((JobState.Ready, 1, 0, null));
        var again = (await Worker.ClaimAsync()).ShouldHaveSingleItem();
        (again.Run, again.Attempt).ShouldBe((2, 1));
    }

    [Fact]
    public async Task It_keeps_its_place()
    {
        var jobs = Enumerable.Range(0, 4).Select(_ => Some.Draft()).ToArray();
        _ = await Worker.EnqueueAllAsync(jobs);
        var claims = await Worker.ClaimAsync(3);

        // Not in their order, and the middle one last.
        _ = await Worker.FlushAsync(giveBacks: [claims[2].Token, claims[0].Token]);
        _ = await Worker.FlushAsync(giveBacks: [claims[1].Token]);

        (await Worker.ClaimAsync(9)).Select(c => c.Job.Id).ShouldBe(jobs.Select(j => j.Id));
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task It_must_match_run_and_owner()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var other = await NewWorkerAsync();

        (await other.GiveBackAsync(claim.Token)).ShouldBeFalse();
        (await Worker.GiveBackAsync(claim.Token with { Run = 2 })).ShouldBeFalse();
        (await Worker.GiveBackAsync(new LeaseToken(Some.Id(), 1))).ShouldBeFalse();

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Running);
        (await Worker.GiveBackAsync(claim.Token)).ShouldBeTrue();
        (await Worker.GiveBackAsync(claim.Token)).ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "1")]
    public async Task A_late_settlement_after_it_is_lost()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.GiveBackAsync(claim.Token);
        _ = await Worker.ClaimAsync();

        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_flush_gives_back_it_can_claim_again()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        var report = await Worker.FlushAsync(giveBacks: [claim.Token], claims: [new(Some.Queue, 1)]);

        report.Claims.ShouldHaveSingleItem().Token.ShouldBe(new LeaseToken(claim.Job.Id, 2));
    }

    [Fact]
    [Trait("Rule", "12")]
    public async Task A_requested_cancel_ends_it_instead()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id, "changed my mind");

        (await Worker.GiveBackAsync(claim.Token)).ShouldBeTrue();

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Reason, record.CancelRequested).ShouldBe((JobState.Cancelled, "changed my mind", false));
    }
}
