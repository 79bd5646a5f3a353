using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A step of a workflow as the store has it, with its place in the graph. Applications see a <see cref="StepRecord"/>.</summary>
/// <param name="Step">What makes the job a step: name, rule, links.</param>
/// <param name="Job">The job.</param>
/// <param name="Branch">The branch that its handler returned.</param>
/// <param name="FirstAdded">The number of the first step it added at run time; 0: none.</param>
/// <param name="Added">How many steps it added.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record StepSnapshot(StepDraft Step, JobRecord Job, string? Branch, int FirstAdded, int Added);
