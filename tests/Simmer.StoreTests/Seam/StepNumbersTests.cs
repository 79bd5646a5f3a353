using FsCheck;
using FsCheck.Fluent;
using Simmer.Storage;

namespace Simmer.StoreTests.Seam;

public sealed class StepNumbersTests
{
    [Fact]
    public void Numbers_come_back_in_the_order_given() => Prop.ForAll(
        ArbMap.Default.ArbFor<int[]>(),
        numbers => StepNumbers.Of(numbers).SequenceEqual(numbers) && StepNumbers.Of(numbers).Count == numbers.Length)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void They_come_back_from_what_was_written_as_well() => Prop.ForAll(
        Arb.From(Gen.OneOf(ArbMap.Default.GeneratorFor<int[]>(), Runs)),
        numbers =>
        {
            var step = new StepDraft { Workflow = WorkflowId.For("w"), Number = 1, Name = "a", Parents = StepNumbers.Of(numbers) };
            return StepDraft.Read(step.Workflow.Step(1), step.Write()).Parents.SequenceEqual(numbers);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_thousand_members_of_a_group_take_a_few_bytes()
    {
        var step = new StepDraft { Workflow = WorkflowId.For("w"), Number = 1, Name = "a",
            Parents = StepNumbers.Of(Enumerable.Range(0, 10_000).Select(i => 7 + (3 * i))) };

        step.Write().Length.ShouldBeLessThan(20);
        step.Parents.Runs.Length.ShouldBe(1);
    }

    [Fact]
    public void No_numbers_are_one_and_the_same() => StepNumbers.Of([]).ShouldBeSameAs(StepNumbers.None);

    private static Gen<int[]> Runs =>
        from first in Gen.Choose(-50, 50)
        from stride in Gen.Choose(-3, 3)
        from count in Gen.Choose(0, 40)
        from tail in ArbMap.Default.GeneratorFor<int[]>()
        select Enumerable.Range(0, count).Select(i => first + (i * stride)).Concat(tail).ToArray();
}
