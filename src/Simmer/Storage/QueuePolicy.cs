using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What an application declares of one of its queues, for every process that works on the store. What an operator has set, such
/// as a pause, is no part of it and outlives every declaration.</summary>
/// <param name="Queue">The queue.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record QueuePolicy(string Queue)
{
    /// <summary>How long its succeeded jobs are kept.</summary>
    /// <value>Default: 1 day; zero: not at all; <see cref="TimeSpan.MaxValue"/>: for ever.</value>
    public TimeSpan KeepSucceeded { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long its failed and cancelled jobs are kept.</summary>
    /// <value>Default: 14 days; zero: not at all; <see cref="TimeSpan.MaxValue"/>: for ever.</value>
    public TimeSpan KeepFailed { get; init; } = StoreRules.KeptByDefault;
}
