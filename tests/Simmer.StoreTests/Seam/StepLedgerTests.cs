using Simmer.Storage;

namespace Simmer.StoreTests.Seam;

public sealed class StepLedgerTests
{
    private static readonly WorkflowId s_flow = WorkflowId.For("w");
    private readonly StepLedger _ledger = new();

    [Fact]
    public void A_child_with_many_parents_is_told_once()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _ledger.Ended(s_flow, To(7), i == 3 ? StepEnd.Failed : StepEnd.Succeeded);
        }

        Take().ShouldBe((7, new StepTally(-1_000, Failed: 1)));
        _ledger.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Children_come_in_the_order_in_which_they_were_first_told()
    {
        _ledger.Ended(s_flow, To(3, 1), StepEnd.Succeeded);
        _ledger.Ended(s_flow, To(2, 3), StepEnd.Succeeded);

        (Take().Number, Take().Number, Take().Number).ShouldBe((3, 1, 2));
    }

    [Fact]
    public void What_was_taken_may_be_told_again()
    {
        _ledger.Ended(s_flow, To(1), StepEnd.Succeeded);
        _ = Take();
        _ledger.Ended(s_flow, To(1), StepEnd.Skipped);

        Take().ShouldBe((1, new StepTally(-1, Skipped: 1)));
    }

    [Fact]
    public void Workflows_are_kept_apart()
    {
        var other = WorkflowId.For("other");
        _ledger.Ended(s_flow, To(1), StepEnd.Succeeded);
        _ledger.Ended(other, To(1), StepEnd.Failed);

        _ledger.TryTake(out var first, out _, out _).ShouldBeTrue();
        _ledger.TryTake(out var second, out _, out var change).ShouldBeTrue();

        (first, second, change).ShouldBe((s_flow, other, new StepTally(-1, Failed: 1)));
    }

    [Fact]
    public void What_is_taken_back_cancels_out()
    {
        _ledger.Ended(s_flow, To(1), StepEnd.Failed);
        _ledger.Reopened(s_flow, To(1), StepEnd.Failed);

        Take().ShouldBe((1, default(StepTally)));
    }

    [Fact]
    public void Added_steps_are_waited_for()
    {
        _ledger.Added(s_flow, To(1, 0), 3);
        _ledger.Ended(s_flow, To(1, 0), StepEnd.Succeeded);

        (Take(), Take()).ShouldBe(((1, new StepTally(2)), (0, new StepTally(2))));
    }

    [Fact]
    public void A_step_without_parents_is_taken_with_no_change()
    {
        _ledger.Stored(s_flow, 4);

        Take().ShouldBe((4, default(StepTally)));
        _ledger.TryTake(out _, out _, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 0, -1)]
    [InlineData(0, 1, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(0, 0, 0)]
    public void The_end_of_a_step_counts_while_nothing_is_pending_before_it(int before, int after, int pending)
    {
        _ledger.Heard(s_flow, To(5), StepEnd.Succeeded, null, new StepTally(before), new StepTally(after));

        if (pending == 0)
        {
            _ledger.IsEmpty.ShouldBeTrue();
        }
        else
        {
            Take().ShouldBe((5, new StepTally(pending)));
        }
    }

    [Theory]
    [InlineData(JobState.Succeeded, 1, 0, StepEnd.Succeeded)]
    [InlineData(JobState.Failed, 0, 0, StepEnd.Failed)]
    [InlineData(JobState.Cancelled, 0, 0, StepEnd.Failed)]
    [InlineData(JobState.Skipped, 0, 0, StepEnd.Skipped)]
    [InlineData(JobState.Skipped, 1, 0, StepEnd.Broken)]
    [InlineData(JobState.Skipped, 0, 1, StepEnd.Broken)]
    public void A_state_and_a_tally_make_an_end(JobState state, int failed, int broken, StepEnd end) =>
        StepLedger.EndOf(state, new StepTally(0, failed, broken)).ShouldBe(end);

    private static StepLink[] To(params int[] numbers) => [new StepLink(StepNumbers.Of(numbers), StepLinkKind.Normal, [])];

    private (int Number, StepTally Change) Take()
    {
        _ledger.TryTake(out var flow, out var number, out var change).ShouldBeTrue();
        flow.ShouldBe(s_flow);
        return (number, change);
    }
}
