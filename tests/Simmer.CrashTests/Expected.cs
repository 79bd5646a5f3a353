namespace Simmer.CrashTests;

/// <summary>What an audit is to expect beside success.</summary>
internal sealed record Expected
{
    /// <summary>Jobs that end failed.</summary>
    public IReadOnlyCollection<JobId> Failed { get; init; } = [];

    /// <summary>Lives that were not killed and all the same left jobs without an end: frozen ones, and those whose handlers would not
    /// stop.</summary>
    public IReadOnlyCollection<int> Excused { get; init; } = [];
}
