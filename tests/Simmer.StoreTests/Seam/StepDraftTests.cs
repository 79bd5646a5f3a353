using FsCheck;
using FsCheck.Fluent;
using Simmer.Storage;

namespace Simmer.StoreTests.Seam;

public sealed class StepDraftTests
{
    private static readonly Gen<string> s_text = Gen.Elements("a", "left", "s1/m2b", "naïve", "步骤", "", new string('n', 300));

    private static readonly Gen<StepNumbers> s_numbers = Gen.Choose(-3, 2_000_000).ListOf().Select(numbers => StepNumbers.Of(numbers));

    private static readonly Gen<StepLink> s_link =
        from to in s_numbers
        from kind in Gen.Elements(StepLinkKind.Normal, StepLinkKind.Order, StepLinkKind.Target)
        from labels in Gen.Choose(0, 3).SelectMany(s_text.ArrayOf)
        select new StepLink(to, kind, labels);

    private static readonly Gen<StepDraft> s_step =
        from number in Gen.Choose(1, WorkflowId.MaxSteps)
        from name in s_text
        from rule in Gen.Elements(Enum.GetValues<StepRule>())
        from role in Gen.Elements(Enum.GetValues<StepRole>())
        from delay in Gen.Elements(TimeSpan.Zero, TimeSpan.FromSeconds(1.5), TimeSpan.MaxValue, new TimeSpan(1))
        from notBefore in Gen.Elements<DateTimeOffset?>(null, Some.Moment, DateTimeOffset.MaxValue)
        from throughEmpty in Gen.Choose(0, 3)
        from emptyKinds in Gen.Choose(0, 2).SelectMany(s_text.ArrayOf)
        from parents in s_numbers
        from next in Gen.Choose(0, 4).SelectMany(s_link.ArrayOf)
        select new StepDraft
        {
            Workflow = WorkflowId.For("order-4711"),
            Number = number,
            Name = name,
            Rule = rule,
            Role = role,
            Delay = delay,
            NotBefore = notBefore,
            ParentsThroughEmpty = throughEmpty,
            EmptyKinds = emptyKinds,
            Parents = parents,
            Next = next,
        };

    [Fact]
    public void Any_step_is_read_as_it_was_written() => Prop.ForAll(Arb.From(s_step), step =>
    {
        var bytes = step.Write();
        Text(StepDraft.Read(step.Workflow.Step(step.Number), bytes)).ShouldBe(Text(step));
        StepDraft.RoleOf(bytes).ShouldBe(step.Role);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_links_of_a_gate_are_read_as_they_were_written() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 4).SelectMany(s_link.ArrayOf)), links =>
        Text(GateDraft.ReadNext(new GateDraft(-1, 3, links).WriteNext())).ShouldBe(Text(links))).QuickCheckThrowOnFailure();

    [Fact]
    public void An_id_tells_its_workflow_and_its_number() => Prop.ForAll(Arb.From(Gen.Choose(1, WorkflowId.MaxSteps)), number =>
    {
        var flow = WorkflowId.For("order-4711");
        WorkflowId.OfStep(flow.Step(number)).ShouldBe(flow);
        WorkflowId.NumberOf(flow.Step(number)).ShouldBe(number);
        WorkflowId.Parse(flow.ToString()).ShouldBe(flow);
    }).QuickCheckThrowOnFailure();

    private static string Text(StepDraft step) =>
        $"{step.Workflow} {step.Number} {step.Name} {step.Rule} {step.Role} {step.Delay} {step.NotBefore:O} {step.ParentsThroughEmpty} "
            + $"{string.Join('|', step.EmptyKinds)} [{string.Join(' ', step.Parents)}] {Text(step.Next)}";

    private static string Text(IReadOnlyList<StepLink> links) =>
        string.Concat(links.Select(l => $"({l.Kind} {string.Join('|', l.Labels)} to {string.Join(' ', l.To)})"));
}
