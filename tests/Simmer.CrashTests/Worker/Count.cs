namespace Simmer.CrashTests.Worker;

/// <summary>Its handler counts itself, twice: when it starts and when it ends. So many attempts that no number of kills makes it fail.</summary>
[Job("count", MaxAttempts = 1_000)]
public sealed record Count(int Milliseconds) : IJob;
