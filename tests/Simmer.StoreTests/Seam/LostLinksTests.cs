using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Seam;

/// <summary>Damages the steps and gates of workflows one by one. Which steps each would have told is found from the steps that
/// wait.</summary>
public sealed class LostLinksTests
{
    public static TheoryData<string> Flows =>
    [
        "a; b after a; c after b",
        "a undone; b after a undone; c after b a undone; on-failure; finally",
        "a; b; c; d after a b c; e after a b c; f after a b c; g after d e f on AnyFailed; finally",
        "a undone; b after a=left undone; c after a=right|other; d after b c on AllDone; on-failure",
    ];

    [Theory]
    [MemberData(nameof(Flows))]
    public void The_links_of_a_step_are_those_that_nobody_else_accounts_for(string lines)
    {
        var flow = SomeFlow.Of(lines.Split("; "));
        foreach (var damaged in flow.Steps.Select(static s => s.Step!))
        {
            var lost = Lost(flow, step: damaged.Number);

            Text(lost.Find(out var end)).ShouldBe(Text(damaged.Next), $"{damaged.Name} of {lines}");
            end.ShouldBe(StepEnd.Failed);
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void So_are_those_of_a_gate(string lines)
    {
        var flow = SomeFlow.Of(lines.Split("; "));
        foreach (var damaged in flow.Gates)
        {
            var lost = Lost(flow, gate: damaged.Number);

            Text(lost.Find(out var end)).ShouldBe(Text(damaged.Next), $"gate {damaged.Number} of {lines}");
            end.ShouldBe(StepEnd.Succeeded);
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Where_nothing_is_lost_nothing_is_found(string lines) => Lost(SomeFlow.Of(lines.Split("; "))).Find(out _).ShouldBeEmpty();

    [Fact]
    public void While_another_damaged_step_has_not_ended_its_links_may_be_meant()
    {
        var flow = SomeFlow.Of("a", "b after a", "c", "d after c");

        Lost(flow, step: 1, open: 3).Find(out _).ShouldBeEmpty();
    }

    /// <summary>A workflow in which one damaged step has failed, or one damaged gate has opened after successes, and nothing else has
    /// ended.</summary>
    private static LostLinks Lost(WorkflowDraft flow, int step = 0, int gate = 0, int open = 0)
    {
        var lost = new LostLinks();
        foreach (var job in flow.Steps)
        {
            var number = job.Step!.Number;
            lost.Add(number == step || number == open ? StepDraft.ReadOrStandIn(job.Id, []) : job.Step,
                number == step ? JobState.Cancelled : JobState.Waiting, new StepTally(number == step ? 0 : job.Step.Pending));
        }

        foreach (var one in flow.Gates)
        {
            lost.Add(one.Number, new StepTally(one.Number == gate ? 0 : one.Pending), one.Number == gate ? [StepLink.Lost] : one.Next);
        }

        // A step that has ended was told by those before it. Nothing has ended here, so what it waited for is left out.
        lost.AddEnd(flow.Pending);
        return lost;
    }

    /// <summary>Links one by one, without their labels: these no longer matter to what has failed.</summary>
    private static string Text(IEnumerable<StepLink> links) =>
        string.Join(' ', links.SelectMany(static l => l.To.Select(to => $"{to}:{l.Kind}")).Order(StringComparer.Ordinal));
}
