namespace Simmer;

/// <summary>A step of a workflow as the store has it.</summary>
/// <param name="Step">What makes the job a step: name, rule, links.</param>
/// <param name="Job">The job.</param>
/// <param name="Branch">The branch that its handler returned.</param>
/// <param name="FirstAdded">The number of the first step it added at run time; 0: none.</param>
/// <param name="Added">How many steps it added.</param>
public sealed record StepRecord(Storage.StepDraft Step, JobRecord Job, string? Branch, int FirstAdded, int Added);
