namespace Simmer;

/// <summary>What became of many jobs that an operator changes.</summary>
public sealed record BulkResult
{
    /// <summary>How many jobs the filter matched.</summary>
    public int Matched { get; init; }

    /// <summary>How many of them were changed; zero in a dry run.</summary>
    public int Changed { get; init; }

    /// <summary>How many were left as they are: they had changed their state since they were found, run, are steps, or cannot be retried
    /// because another job holds their unique key or undo steps have started.</summary>
    public int Left { get; init; }

    /// <summary>How many the database refused to change.</summary>
    public int Refused { get; init; }

    /// <summary>Why it refused the first of them.</summary>
    public StoreException? FirstRefusal { get; init; }

    /// <summary>It stopped at <see cref="BulkOptions.Limit"/>: more jobs may match.</summary>
    public bool LimitReached { get; init; }
}
