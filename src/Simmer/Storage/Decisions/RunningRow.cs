namespace Simmer.Storage.Decisions;

/// <summary>A running job as a store has just read it under its lease: what the decisions about the end of a run look at.</summary>
/// <param name="Run">The number of the run.</param>
/// <param name="Forgiven">How many runs do not count as attempts.</param>
/// <param name="Suspicion">The job's level as a suspect (<see cref="SuspectRoom"/>); 0: it is none.</param>
/// <param name="CancelRequested">Whether somebody has asked for its cancel.</param>
/// <param name="CancelReason">The reason given with the cancel.</param>
/// <param name="IsStep">Whether it is a step of a workflow that is stored.</param>
internal readonly record struct RunningRow(int Run, int Forgiven, int Suspicion, bool CancelRequested, string? CancelReason, bool IsStep);
