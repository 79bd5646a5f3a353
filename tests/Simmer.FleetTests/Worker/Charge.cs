using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>Writes a row in the application's own table, exactly once: the row and the job's success are one commit.</summary>
/// <param name="Milliseconds">How long it takes, before its transaction begins.</param>
/// <param name="HoldMilliseconds">How long it waits before the commit.</param>
[Job(Kind, MaxAttempts = 1_000)]
public sealed record Charge(int Milliseconds = 0, int HoldMilliseconds = 0) : IJob<Receipt>
{
    public const string Kind = "charge";
}
