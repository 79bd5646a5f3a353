namespace Simmer;

/// <summary>How many jobs of a queue are in a state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="State">The state.</param>
/// <param name="Count">How many.</param>
public sealed record JobCount(string Queue, JobState State, long Count);
