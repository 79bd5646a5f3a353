namespace Simmer.AspNetCore.Jobs;

/// <summary>On the endpoints whose type says that they answer with a job's or a workflow's place.</summary>
internal sealed class AcceptedMark
{
    public static AcceptedMark Instance { get; } = new();
}
