namespace Simmer.AspNetCore.Jobs;

/// <summary>Metadata of endpoints whose type says that they answer with the place of a job or a workflow.</summary>
internal sealed class AcceptedMark
{
    public static AcceptedMark Instance { get; } = new();
}
