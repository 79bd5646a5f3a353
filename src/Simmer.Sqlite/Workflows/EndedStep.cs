using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A step that has ended.</summary>
/// <param name="State">How it ended.</param>
/// <param name="Tally">How its parents stand.</param>
/// <param name="Id">Its job.</param>
/// <param name="Step">Its place in the workflow.</param>
internal readonly record struct EndedStep(JobState State, StepTally Tally, JobId Id, StepDraft Step);
