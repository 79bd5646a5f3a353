namespace Simmer;

/// <summary>A page of a list of jobs.</summary>
/// <param name="Jobs">The jobs, newest first.</param>
/// <param name="Next">Where the next page begins; <see langword="null"/>: this is the last.</param>
public sealed record JobPage(IReadOnlyList<JobRecord> Jobs, JobId? Next);
