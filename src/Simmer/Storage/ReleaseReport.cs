using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What followed from steps that ended.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class ReleaseReport
{
    /// <summary>Nothing.</summary>
    public static readonly ReleaseReport Nothing = new();

    /// <summary>The queues that have ready jobs now because of it.</summary>
    public IReadOnlyCollection<string> Queues { get; init; } = [];

    /// <summary>The earliest due time among the steps released with a delay, by the caller's clock.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The steps that were released or skipped.</summary>
    public IReadOnlyCollection<JobId> Steps { get; init; } = [];

    /// <summary>The workflows of which something changed.</summary>
    public IReadOnlyCollection<WorkflowId> Workflows { get; init; } = [];

    /// <summary>Two reports of one transaction as one.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Both.</returns>
    public ReleaseReport With(ReleaseReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(other, Nothing) ? this : ReferenceEquals(this, Nothing) ? other : new()
        {
            Queues = [.. Queues.Union(other.Queues)],
            NextDue = NextDue < other.NextDue ? NextDue : other.NextDue ?? NextDue,
            Steps = [.. Steps, .. other.Steps],
            Workflows = [.. Workflows.Union(other.Workflows)],
        };
    }
}
