using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, for steps that a running step adds.</summary>
public sealed class AddDecisionTests
{
    private const int Most = WorkflowId.MaxSteps;

    [Theory]
    [InlineData(1, 2, false, 2, 2)]
    [InlineData(Most - 2, 2, false, Most - 1, 2)]
    [InlineData(7, 2, true, 0, 0)]
    public void Steps_are_numbered_after_those_there_are_unless_the_workflow_was_cancelled(int present, int count, bool cancelRequested,
        int first, int added) =>
        AddDecision.For(present, count, cancelRequested).ShouldBe(new AddDecision(null, first, added));

    [Theory]
    [InlineData(Most, 1, false)]
    [InlineData(Most - 1, 2, false)]
    [InlineData(Most, 1, true)]
    public void Too_many_are_a_failure_even_of_a_workflow_that_was_cancelled(int present, int count, bool cancelRequested)
    {
        var decision = AddDecision.For(present, count, cancelRequested);
        decision.Refusal.ShouldNotBeNull();
        decision.Count.ShouldBe(0);
    }

    [Fact]
    public void An_id_that_another_job_has_is_a_failure_that_names_it()
    {
        var decision = AddDecision.Taken(Given.Workflow.Step(5), "greet");
        decision.Refusal.ShouldNotBeNull().ShouldContain(Given.Workflow.Step(5).ToString());
        decision.Refusal!.ShouldContain("'greet'");
        decision.Count.ShouldBe(0);
    }
}
