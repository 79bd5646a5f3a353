namespace Simmer.Postgres;

/// <summary>A running job as a sweep has found it, before it is locked.</summary>
/// <param name="Id">The job.</param>
/// <param name="Run">Its run.</param>
/// <param name="Owner">The number of its worker; 0: it has none.</param>
internal readonly record struct OwnedRun(JobId Id, int Run, long Owner);
