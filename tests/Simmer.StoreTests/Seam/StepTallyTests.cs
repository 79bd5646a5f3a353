using FsCheck;
using FsCheck.Fluent;
using Simmer.Storage;

namespace Simmer.StoreTests.Seam;

public sealed class StepTallyTests
{
    private static readonly Gen<(StepLink Link, StepEnd End, string? Branch)> s_said =
        from kind in Gen.Elements(Enum.GetValues<StepLinkKind>())
        from labels in Gen.Elements<string[]>([], ["x"], ["x", "y"])
        from end in Gen.Elements(Enum.GetValues<StepEnd>())
        from branch in Gen.Elements(null, "x", "y", "z")
        select (new StepLink(StepNumbers.Of(1), kind, labels), end, branch);

    [Fact]
    public void A_parent_that_is_run_again_takes_back_just_what_it_had_said() => Prop.ForAll(Arb.From(s_said.ListOf()), said =>
    {
        var begin = new StepTally(said.Count);
        var told = said.Aggregate(begin, (sum, s) => sum + StepTally.From(s.Link, s.End, s.Branch));
        told.Pending.ShouldBe(0);
        said.Aggregate(told, (sum, s) => sum + -StepTally.From(s.Link, s.End, s.Branch)).ShouldBe(begin);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tally_comes_back_from_two_numbers() => Prop.ForAll(Arb.From(
        from pending in Gen.Choose(0, WorkflowId.MaxSteps)
        from failed in Gen.Choose(0, WorkflowId.MaxSteps)
        from broken in Gen.Choose(0, WorkflowId.MaxSteps)
        from skipped in Gen.Choose(0, WorkflowId.MaxSteps)
        select new StepTally(pending, failed, broken, skipped)), tally => StepTally.Of(tally.Pending, tally.Outcomes).ShouldBe(tally))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_packed_adds_up_as_it_does_unpacked() => Prop.ForAll(Arb.From(s_said.ListOf()), said =>
    {
        var parts = said.Select(s => StepTally.From(s.Link, s.End, s.Branch)).ToList();
        var sum = parts.Aggregate(default(StepTally), static (a, b) => a + b);
        parts.Sum(p => p.Outcomes).ShouldBe(sum.Outcomes);
        parts.Sum(p => (-p).Outcomes).ShouldBe(-sum.Outcomes);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(StepLinkKind.Normal, StepEnd.Succeeded, null, 0, 0, 0)]
    [InlineData(StepLinkKind.Normal, StepEnd.Failed, null, 1, 0, 0)]
    [InlineData(StepLinkKind.Normal, StepEnd.Broken, null, 0, 1, 0)]
    [InlineData(StepLinkKind.Normal, StepEnd.Skipped, null, 0, 0, 1)]
    [InlineData(StepLinkKind.Order, StepEnd.Succeeded, null, 0, 0, 0)]
    [InlineData(StepLinkKind.Order, StepEnd.Failed, null, 0, 0, 0)]
    [InlineData(StepLinkKind.Order, StepEnd.Broken, null, 0, 0, 0)]
    [InlineData(StepLinkKind.Order, StepEnd.Skipped, null, 0, 0, 0)]
    [InlineData(StepLinkKind.Target, StepEnd.Succeeded, "other", 0, 0, 0)]
    [InlineData(StepLinkKind.Target, StepEnd.Failed, null, 0, 0, 1)]
    [InlineData(StepLinkKind.Target, StepEnd.Skipped, null, 0, 0, 1)]
    public void A_parent_says_how_it_ended(StepLinkKind kind, StepEnd end, string? branch, int failed, int broken, int skipped) =>
        StepTally.From(new StepLink(StepNumbers.Of(1), kind, []), end, branch).ShouldBe(new StepTally(-1, failed, broken, skipped));

    [Theory]
    [InlineData("x", 0)]
    [InlineData("z", 1)]
    [InlineData(null, 1)]
    public void A_branch_counts_if_the_link_names_it(string? branch, int skipped) =>
        StepTally.From(new StepLink(StepNumbers.Of(1), StepLinkKind.Normal, ["x", "y"]), StepEnd.Succeeded, branch)
            .ShouldBe(new StepTally(-1, Skipped: skipped));

    [Theory]
    [InlineData(0, 0, 0, StepEnd.Succeeded)]
    [InlineData(1, 1, 1, StepEnd.Failed)]
    [InlineData(0, 1, 1, StepEnd.Broken)]
    [InlineData(0, 0, 1, StepEnd.Skipped)]
    public void A_gate_ends_as_the_worst_of_those_before_it(int failed, int broken, int skipped, StepEnd end) =>
        new StepTally(0, failed, broken, skipped).End.ShouldBe(end);

    [Theory]
    [InlineData(1, 0, 0, true, true)]
    [InlineData(0, 1, 0, true, false)]
    [InlineData(1, 0, 1, false, true)]
    [InlineData(0, 0, 0, false, false)]
    [InlineData(0, 0, 1, false, false)]
    public void Undo_needs_a_failure_and_a_target_that_succeeded(int failed, int broken, int skipped, bool undo, bool onFailure)
    {
        var tally = new StepTally(0, failed, broken, skipped);

        tally.LetsRun(StepRule.AllSucceeded, StepRole.Undo).ShouldBe(undo);
        tally.LetsRun(StepRule.AnyFailed, StepRole.OnFailure).ShouldBe(onFailure);
        tally.LetsRun(StepRule.AllDone, StepRole.Finally).ShouldBeTrue();
    }
}
