namespace Simmer.CrashTests.Worker;

/// <summary>Its handler counts itself, when it starts and when it ends. So many attempts that no number of kills makes it fail.</summary>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Throws">How many of its attempts fail before one succeeds.</param>
[Job("count", MaxAttempts = 1_000)]
public sealed record Count(int Milliseconds, int Throws = 0) : IJob, ICount;

/// <summary>The same in a queue whose finished jobs are kept for a second only.</summary>
/// <param name="Milliseconds">How long it takes.</param>
[Job("brief", Queue = "brief", MaxAttempts = 1_000)]
public sealed record Brief(int Milliseconds) : IJob, ICount
{
    public int Throws => 0;
}

/// <summary>What is counted.</summary>
internal interface ICount
{
    int Milliseconds { get; }

    int Throws { get; }
}
