using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

/// <summary>The ground of the conformance classes for workflows: one workflow, whose steps the worker claims and ends by their
/// names.</summary>
public abstract class WorkflowTest<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private readonly Dictionary<JobId, JobClaim> _held = [];

    /// <summary>The workflow that was stored last.</summary>
    protected WorkflowDraft Flow { get; private set; } = null!;

    /// <summary>Stores a workflow; see <see cref="SomeFlow.Of"/>.</summary>
    protected Task StoreAsync(params string[] lines) => StoreAsync(SomeFlow.Of(lines));

    protected Task StoreAsync(WorkflowElement element) => StoreAsync(SomeFlow.Draft(element));

    protected void Use(WorkflowDraft draft) => Flow = draft;

    protected async Task StoreAsync(WorkflowDraft draft)
    {
        Flow = draft;
        (await Worker.EnqueueAsync(draft)).Status.ShouldBe(EnqueueStatus.Stored);
    }

    /// <summary>Claims what can be claimed, and gives the claim of a step.</summary>
    protected async Task<JobClaim> ClaimAsync(string step)
    {
        foreach (var claim in await Worker.ClaimAsync(100))
        {
            _held[claim.Job.Id] = claim;
        }

        var id = await IdOfAsync(step);
        var found = _held.TryGetValue(id, out var held);
        found.ShouldBeTrue($"'{step}' cannot be claimed: {await StatesAsync()}");
        _ = _held.Remove(id);
        return held!;
    }

    /// <summary>Claims a step and ends it.</summary>
    protected async Task EndAsync(string step, JobState state = JobState.Succeeded, string? branch = null,
        IReadOnlyList<JobDraft>? added = null) =>
        (await Worker.SettleAsync(End(await ClaimAsync(step), state, branch, added))).ShouldBe(new SettleReport(true, state));

    protected async Task EndAllAsync(params string[] steps)
    {
        foreach (var step in steps)
        {
            await EndAsync(step);
        }
    }

    protected Task FailAsync(string step) => EndAsync(step, JobState.Failed);

    protected static Settlement End(JobClaim claim, JobState state = JobState.Succeeded, string? branch = null,
        IReadOnlyList<JobDraft>? added = null) => Some.Settlement(
        claim.Token, state, keepFor: TimeSpan.Zero, keepCancelledFor: TimeSpan.Zero, result: state == JobState.Succeeded
            ? "1"u8.ToArray()
            : null, step: claim.Job.Step, branch: branch, added: added);

    protected async Task<WorkflowRecord> WorkflowAsync() =>
        (await Store.Browser.WorkflowAsync(Flow.Id, counted: true, Token)).ShouldNotBeNull();

    protected ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(params int[] numbers) =>
        Store.Browser.StepsAsync(Flow.Id, numbers.Length == 0 ? null : numbers, Token);

    protected async Task<StepSnapshot> StepAsync(string name) => (await StepsAsync()).Single(s => s.Step.Name == name);

    protected async Task<JobId> IdOfAsync(string step) =>
        Flow.Steps.FirstOrDefault(s => s.Step!.Name == step)?.Id ?? (await StepAsync(step)).Job.Id;

    /// <summary>The workflow and its steps by their numbers, in words such as <c>Running: a Succeeded, b Waiting</c>.</summary>
    protected async Task<string> StatesAsync() =>
        $"{(await WorkflowAsync()).State}: {string.Join(", ", (await StepsAsync()).Select(s => $"{s.Step.Name} {s.Job.State}"))}";

    protected ValueTask<WorkflowCancelReport> CancelFlowAsync(string? reason = "not wanted") =>
        Store.CancelWorkflowAsync(Flow.Id, reason, Now, Token);

    protected async Task<RetryResult> RetryStepAsync(string step, bool force = false) =>
        await Store.RetryWorkflowAsync(new WorkflowRetryRequest(Flow.Id, await IdOfAsync(step), force), Now, Token);

    protected ValueTask<RetryResult> RetryFlowAsync(bool force = false) =>
        Store.RetryWorkflowAsync(new WorkflowRetryRequest(Flow.Id, null, force), Now, Token);

    protected ValueTask<DeleteResult> DeleteFlowAsync() => Store.DeleteWorkflowAsync(Flow.Id, Now, Token);
}
