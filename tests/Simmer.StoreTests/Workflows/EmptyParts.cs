namespace Simmer.StoreTests.Workflows;

/// <summary>Chains and groups without steps, from which something else follows.</summary>
public abstract class EmptyParts<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_workflow_ends_although_a_part_with_a_step_for_its_end_has_no_other_steps()
    {
        var empty = Chain.Of(Group.Of()).Finally("sweep", new Letter());
        await StoreAsync(Chain.Of("a", new Letter()).Then(empty));

        await EndAllAsync("sweep", "a");

        (await StatesAsync()).ShouldBe("Succeeded: a Succeeded, sweep Succeeded");
    }

    [Fact]
    public async Task A_workflow_of_nothing_but_a_step_for_its_end_ends_with_it()
    {
        await StoreAsync(Chain.Of(Group.Of()).OnFailure("alarm", new Letter()).Finally("sweep", new Letter()));

        await EndAsync("sweep");

        (await StatesAsync()).ShouldBe("Succeeded: sweep Succeeded");
    }
}
