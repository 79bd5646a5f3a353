namespace Simmer.Storage.InMemory;

/// <summary>What changes about a step besides its job.</summary>
internal sealed class StepRow(WorkflowRow workflow, StepTally tally)
{
    public WorkflowRow Workflow => workflow;

    public StepTally Tally { get; set; } = tally;

    public string? Branch { get; set; }

    public int FirstAdded { get; set; }

    public int Added { get; set; }
}
