namespace Simmer.CrashTests.Worker;

/// <summary>Its handler adds a row beside the jobs, in the transaction that completes it: once, however often it is run.</summary>
/// <param name="RollsBack">How many of its attempts end with a rollback.</param>
[Job(Kind, MaxAttempts = 1_000)]
public sealed record Exact(int RollsBack = 0) : IJob
{
    public const string Kind = "exact";
}
