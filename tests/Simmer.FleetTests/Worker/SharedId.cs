namespace Simmer.FleetTests.Worker;

/// <summary>Ids that every process gives at about the same time: they belong to the moment.</summary>
internal static class SharedId
{
    private const int Milliseconds = 40;

    /// <summary>The number of a moment, or of one shortly before it.</summary>
    public static long Number(Random random) => (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / Milliseconds) - random.Next(3);

    public static JobId Job(long number) => new(new Guid((int)number, 0x4711, 0x4000, [0x80, 0, 0, 0, 0, 0, 0, 1]));

    public static WorkflowId Workflow(long number) => WorkflowId.For($"shared {number}");
}
