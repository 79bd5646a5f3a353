namespace Simmer.Tests.Upgrading;

/// <summary>The ids in the databases that commit 9e51af5 made.</summary>
internal static class OldIds
{
    public static JobId Ready { get; } = Of(1);

    public static JobId Scheduled { get; } = Of(2);

    public static JobId Running { get; } = Of(3);

    public static JobId Suspect { get; } = Of(4);

    public static JobId Retrying { get; } = Of(5);

    public static JobId UniqueUnfinished { get; } = Of(6);

    public static JobId UniqueWaiting { get; } = Of(7);

    /// <summary>Runs under the dead owner, and its cancel was asked for.</summary>
    public static JobId Stubborn { get; } = Of(8);

    /// <summary>Its time was over while its queue was paused.</summary>
    public static JobId Expired { get; } = Of(9);

    public static JobId Succeeded { get; } = Of(11);

    public static JobId Failed { get; } = Of(12);

    public static JobId Cancelled { get; } = Of(13);

    /// <summary>Two steps side by side, the second held; one that waits for both, one that undoes, and one at the end.</summary>
    public static WorkflowId Flow { get; } = WorkflowId.For("old-flow");

    public static WorkflowId EndedFlow { get; } = WorkflowId.For("old-ended-flow");

    private static JobId Of(int number) => new(new Guid($"01970c9e-8a5c-7f3e-9c1b-0000000000{number:X2}"));
}
