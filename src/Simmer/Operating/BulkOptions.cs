namespace Simmer;

/// <summary>How an operator changes many jobs.</summary>
public sealed record BulkOptions
{
    /// <summary>Only counts the jobs that are concerned (<see cref="BulkResult.Matched"/>) and changes none.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool DryRun { get; init; }

    /// <summary>How many jobs are changed in one transaction. Others wait for it meanwhile.</summary>
    /// <value>Default: 500; from 1 to 1,000.</value>
    public int BatchSize { get; init; } = 500;

    /// <summary>How many jobs are looked at at most; of a dry run: up to what it counts.</summary>
    /// <value>Default: <see langword="null"/>, all; of a dry run: 100,000; from 1.</value>
    public int? Limit { get; init; }

    /// <summary>Told after each batch what has been done so far.</summary>
    /// <value>Default: <see langword="null"/>.</value>
    public IProgress<BulkResult>? Progress { get; init; }
}
