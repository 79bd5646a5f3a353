using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>Writes a row in the application's own table, exactly once: the row and the job's success are one commit.</summary>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Lingers">Where it spends that time.</param>
/// <param name="IsDeaf">Whether it does not hear that it is to stop.</param>
[Job(Kind, MaxAttempts = 1_000)]
public sealed record Charge(int Milliseconds = 0, Lingers Lingers = Lingers.BeforeTransaction, bool IsDeaf = false) : IJob<Receipt>
{
    public const string Kind = "charge";
}
