namespace Simmer.Storage.Decisions;

/// <summary>A step of a workflow that is to run again, as a store has read it.</summary>
/// <param name="Id">The step's job.</param>
/// <param name="State">Its state.</param>
/// <param name="Step">Its place in the workflow.</param>
internal readonly record struct RetryStep(JobId Id, JobState State, StepDraft Step);
