namespace Simmer.Tests.Workflows;

public sealed class WorkflowIdTests
{
    [Fact]
    public void A_step_knows_its_workflow_and_its_number()
    {
        var id = WorkflowId.For("order-1");

        foreach (var number in new[] { 1, 2, 255, 256, 65_536, WorkflowId.MaxSteps })
        {
            var step = id.Step(number);
            (WorkflowId.OfStep(step), WorkflowId.NumberOf(step)).ShouldBe((id, number));
        }
    }

    [Fact]
    public void The_same_name_gives_the_same_id_and_another_another()
    {
        WorkflowId.For("order-1").ShouldBe(WorkflowId.For("order-1"));
        WorkflowId.For("order-1").ShouldNotBe(WorkflowId.For("order-2"));
        WorkflowId.For("order-1").Value.Version.ShouldBe(8);
        Should.Throw<ArgumentException>(static () => WorkflowId.For(string.Empty));
    }

    [Fact]
    public void An_id_is_read_as_it_is_written()
    {
        var id = WorkflowId.For("order-1");

        WorkflowId.Parse(id.ToString()).ShouldBe(id);
        WorkflowId.Parse(id.ToString().ToUpperInvariant().AsSpan(), null).ShouldBe(id);
        WorkflowId.TryParse(id.ToString(), null, out var read).ShouldBeTrue();
        read.ShouldBe(id);
        id.ToString().ShouldEndWith("000000");
    }

    [Theory]
    [InlineData("order-1")]
    [InlineData("")]
    [InlineData("01970c9e-8a5c-7f3e-9c1b-2f6d1c000001")]
    public void What_is_no_workflows_id_is_refused_with_an_example(string text)
    {
        Should.Throw<FormatException>(() => WorkflowId.Parse(text)).Message.ShouldBe(
            $"'{text}' is not a workflow's id; that is a UUID that ends in six zeros, such as 01970c9e-8a5c-7f3e-9c1b-2f6d1c000000.");
        WorkflowId.TryParse(text, null, out var id).ShouldBeFalse();
        id.ShouldBe(default);
    }

    [Fact]
    public void Steps_of_one_workflow_lie_side_by_side_in_the_order_of_their_numbers()
    {
        var id = WorkflowId.For("order-1");

        Enumerable.Range(1, 300).Select(id.Step).ShouldBeInOrder();
    }
}
