using System.Text.Json;

namespace Simmer.DiskTests.Worker;

/// <summary>What became of the jobs that a worker enqueued.</summary>
/// <param name="Stored">How many enqueues were acknowledged.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Unknown">How many were refused with the outcome unknown.</param>
/// <param name="Lost">Acknowledged ones that did not succeed.</param>
/// <param name="HalfDone">Refused ones that are stored all the same.</param>
/// <param name="Repeated">Jobs that ran more than once.</param>
/// <param name="Warnings">Log lines of a warning and more.</param>
public sealed record WorkerReport(int Stored, int Refused, int Unknown, int Lost, int HalfDone, int Repeated, int Warnings)
{
    public static WorkerReport Parse(string line) => JsonSerializer.Deserialize<WorkerReport>(line)!;

    public string ToLine() => JsonSerializer.Serialize(this);
}
