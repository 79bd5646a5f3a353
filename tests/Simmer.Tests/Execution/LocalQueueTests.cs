using Simmer.Execution;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

public sealed class QueueLineTests
{
    private const double RoundTrip = 0.001;

    [Fact]
    public void Room_is_the_free_slots_as_long_as_nothing_is_known_about_the_runs()
    {
        var line = Line(concurrency: 4);

        line.ReserveClaims(RoundTrip).ShouldBe((4, 4, 0));
        line.ReserveClaims(RoundTrip).Count.ShouldBe(0);
        line.TryReserve(RoundTrip).ShouldBeFalse();
    }

    [Fact]
    public void A_claim_that_found_less_than_asked_stops_asking_until_a_hint()
    {
        var line = Line(concurrency: 4);
        var (count, _, hints) = line.ReserveClaims(RoundTrip);
        line.Answered(count, 1, hints);

        line.ReserveClaims(RoundTrip).Count.ShouldBe(0);
        line.Hint();
        line.ReserveClaims(RoundTrip).Count.ShouldBe(4);
    }

    [Fact]
    public void A_hint_while_a_claim_is_out_is_not_lost()
    {
        var line = Line(concurrency: 4);
        var (count, _, hints) = line.ReserveClaims(RoundTrip);
        line.Hint();
        line.Answered(count, 0, hints);

        line.ReserveClaims(RoundTrip).Count.ShouldBe(4);
    }

    [Fact]
    public void Short_runs_are_claimed_ahead_and_long_ones_are_not()
    {
        Warm(Line(concurrency: 2), seconds: 0.0001).ReserveClaims(RoundTrip).Count.ShouldBe(2 + 40);
        Warm(Line(concurrency: 2, maxPrefetch: 10), seconds: 0.0001).ReserveClaims(RoundTrip).Count.ShouldBe(2 + 10);
        Warm(Line(concurrency: 2, maxPrefetch: 0), seconds: 0.0001).ReserveClaims(RoundTrip).Count.ShouldBe(2);
        Warm(Line(concurrency: 2), seconds: 1).ReserveClaims(RoundTrip).Count.ShouldBe(2);
    }

    [Fact]
    public void Nothing_is_claimed_ahead_where_another_worker_is_idle_or_a_suspect_is_owed_its_turn()
    {
        var line = Warm(Line(concurrency: 2), seconds: 0.0001);

        line.ReserveClaims(RoundTrip, mayClaimAhead: false).ShouldBe((2, 2, 0));
        line.Unreserve(2);
        line.IdleElsewhere = true;
        line.ReserveClaims(RoundTrip).Count.ShouldBe(2);
    }

    [Fact]
    public void A_small_window_is_refilled_before_it_is_empty()
    {
        var line = Warm(Line(concurrency: 1, maxPrefetch: 200), seconds: 0.0005);
        var (count, _, hints) = line.ReserveClaims(RoundTrip);
        count.ShouldBe(1 + 4);
        line.Answered(count, count, hints);
        for (var i = 0; i < count; i++)
        {
            line.TryStart(Some.Claim(), i).ShouldBe(i == 0);
        }

        line.Finished(0.0005, mayStart: true, out _).ShouldNotBeNull();
        line.ReserveClaims(RoundTrip).Count.ShouldBe(0);
        line.Finished(0.0005, mayStart: true, out _).ShouldNotBeNull();
        line.ReserveClaims(RoundTrip).Count.ShouldBe(2);
    }

    [Fact]
    public void What_waited_ahead_too_long_leaves_and_is_not_claimed_ahead_again()
    {
        var line = Warm(Line(concurrency: 1), seconds: 0.0001);
        line.TryStart(Some.Claim(), 10);
        line.TryStart(Some.Claim(), 20);
        line.TryStart(Some.Claim(), 30);
        var taken = new List<JobClaim>();

        line.OldestAhead().ShouldBe(20);
        line.TakeAheadSince(20, taken);
        line.ExpectLongRuns();

        taken.Count.ShouldBe(1);
        line.OldestAhead().ShouldBe(30);
        line.TakeAheadSince(30, taken);
        line.ReserveClaims(RoundTrip).Count.ShouldBe(0);
    }

    [Fact]
    public void One_job_is_taken_out_of_those_that_wait_and_the_others_keep_their_order()
    {
        var line = Line(concurrency: 1);
        JobClaim[] claims = [Some.Claim(), Some.Claim(), Some.Claim(), Some.Claim()];
        foreach (var claim in claims)
        {
            line.TryStart(claim, 0);
        }

        line.HoldsAhead(claims[2].Token).ShouldBeTrue();
        line.TakeAhead(claims[2].Token).ShouldBe(claims[2]);
        line.TakeAhead(claims[2].Token).ShouldBeNull();

        line.Finished(1, mayStart: true, out _).ShouldBe(claims[1]);
        line.Finished(1, mayStart: true, out _).ShouldBe(claims[3]);
        line.Finished(1, mayStart: true, out _).ShouldBeNull();
        line.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_that_waits_starts_after_a_stop()
    {
        var line = Line(concurrency: 1);
        line.TryStart(Some.Claim(), 0);
        line.TryStart(Some.Claim(), 0);

        line.Finished(1, mayStart: false, out _).ShouldBeNull();
        line.TakeFreedSlot(mayStart: false, out _).ShouldBeNull();
        line.TakeFreedSlot(mayStart: true, out _).ShouldNotBeNull();
    }

    [Fact]
    public void Two_lines_of_one_queue_share_its_slots()
    {
        var slots = new QueueSlots("q", new QueueOptions { Concurrency = 2 });
        var (a, b) = (new LocalQueue(slots), new LocalQueue(slots));

        a.TryStart(Some.Claim(), 0).ShouldBeTrue();
        b.TryStart(Some.Claim(), 0).ShouldBeTrue();
        b.TryStart(Some.Claim(), 0).ShouldBeFalse();
        (a.Other, b.Other).ShouldBe((b, a));

        a.Finished(1, mayStart: true, out _).ShouldBeNull();
        b.TakeFreedSlot(mayStart: true, out _).ShouldNotBeNull();
        b.TakeFreedSlot(mayStart: true, out _).ShouldBeNull();
    }

    [Fact]
    public void Places_are_counted_from_the_call_to_the_store()
    {
        var line = Line(concurrency: 1, capacity: 3);

        line.TryEnter(2, waiting: 0).ShouldBeTrue();
        line.TryEnter(2, waiting: 0).ShouldBeFalse();
        line.TryEnter(1, waiting: 1).ShouldBeFalse();
        line.Leave(2);
        line.TryEnter(2, waiting: 1).ShouldBeTrue();
    }

    private static LocalQueue Line(int concurrency, int maxPrefetch = 200, int capacity = 100) =>
        new(new QueueSlots("q", new QueueOptions { Concurrency = concurrency, MaxPrefetch = maxPrefetch, Capacity = capacity }));

    private static LocalQueue Warm(LocalQueue line, double seconds)
    {
        line.TryStart(Some.Claim(), 0);
        line.Finished(seconds, mayStart: true, out _);
        return line;
    }
}
