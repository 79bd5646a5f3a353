namespace Simmer.Storage.InMemory;

/// <summary>A gate of a workflow, and how those before it stand.</summary>
internal sealed class GateRow(GateDraft draft)
{
    public IReadOnlyList<StepLink> Next => draft.Next;

    public StepTally Tally { get; set; } = new(draft.Pending);
}
