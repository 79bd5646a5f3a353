using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Sqlite;

public sealed class WithinWorkflows : SqliteTest
{
    [Fact]
    public async Task A_workflow_in_the_callers_transaction_is_there_with_its_commit()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var draft = SomeFlow.Of("a", "b after a", "c on AnyFailed", "finally");
        using var connection = Connect();
        using (var transaction = connection.BeginTransaction())
        {
            (await store.EnqueueWorkflowWithinAsync(transaction, draft, Now, Token))
                .ShouldBe(new WorkflowReport(EnqueueStatus.Stored, draft.Id, WorkflowState.Running));
            (await store.Browser.WorkflowAsync(draft.Id, counted: true, Token)).ShouldBeNull();
            transaction.Commit();
        }

        (await store.Browser.StepsAsync(draft.Id, null, Token)).Select(s => s.Job.State)
            .ShouldBe([JobState.Ready, JobState.Waiting, JobState.Skipped, JobState.Waiting]);
        (await worker.ClaimAsync()).ShouldHaveSingleItem().Job.Step!.Name.ShouldBe("a");
    }

    [Fact]
    public async Task Rolled_back_it_never_was()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var draft = SomeFlow.Of("a", "b after a", "finally");
        using var connection = Connect();
        using (var transaction = connection.BeginTransaction())
        {
            _ = await store.EnqueueWorkflowWithinAsync(transaction, draft, Now, Token);
            transaction.Rollback();
        }

        (await store.Browser.WorkflowAsync(draft.Id, counted: true, Token)).ShouldBeNull();
        (await store.Browser.StepsAsync(draft.Id, null, Token)).ShouldBeEmpty();
        (await worker.EnqueueAsync(draft)).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Refused_it_leaves_the_rest_of_the_transaction_alone()
    {
        var store = await OpenAsync();
        var flow = SomeFlow.Parse("a");
        _ = flow.Add("bad", new Letter(Queue: ""));
        var (bad, good) = (SomeFlow.Draft(flow), SomeFlow.Of("a"));
        using var connection = Connect();
        using (var transaction = connection.BeginTransaction())
        {
            (await store.EnqueueWorkflowWithinAsync(transaction, bad, Now, Token)).Status.ShouldBe(EnqueueStatus.Refused);
            (await store.EnqueueWorkflowWithinAsync(transaction, good, Now, Token)).Status.ShouldBe(EnqueueStatus.Stored);
            transaction.Commit();
        }

        (await store.Browser.StepsAsync(bad.Id, null, Token)).ShouldBeEmpty();
        (await store.Browser.WorkflowAsync(good.Id, counted: true, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task One_without_steps_has_succeeded_and_the_same_id_again_is_a_duplicate()
    {
        var store = await OpenAsync();
        var draft = SomeFlow.Of();
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();

        (await store.EnqueueWorkflowWithinAsync(transaction, draft, Now, Token)).State.ShouldBe(WorkflowState.Succeeded);
        (await store.EnqueueWorkflowWithinAsync(transaction, draft, Now, Token))
            .ShouldBe(new WorkflowReport(EnqueueStatus.Duplicate, draft.Id, WorkflowState.Succeeded));
    }
}
