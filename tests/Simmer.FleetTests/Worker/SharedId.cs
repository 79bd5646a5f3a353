namespace Simmer.FleetTests.Worker;

/// <summary>Makes ids from the time, so that all processes use the same ones at about the same moment.</summary>
internal static class SharedId
{
    private const int Milliseconds = 40;

    /// <summary>The number of a moment, or of one shortly before it.</summary>
    public static long Number(Random random) => (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / Milliseconds) - random.Next(3);

    public static JobId Job(long number) => new(new Guid((int)number, 0x4711, 0x4000, [0x80, 0, 0, 0, 0, 0, 0, 1]));

    public static WorkflowId Workflow(long number) => WorkflowId.For($"shared {number}");
}
