namespace Simmer.CrashTests;

/// <summary>What an audit expects other than that every job succeeds.</summary>
internal sealed record Expected
{
    /// <summary>Jobs that end failed.</summary>
    public IReadOnlyCollection<JobId> Failed { get; init; } = [];

    /// <summary>The lives that left jobs without an end although they were not killed: those that were frozen, and those whose handlers
    /// would not stop.</summary>
    public IReadOnlyCollection<int> Excused { get; init; } = [];
}
