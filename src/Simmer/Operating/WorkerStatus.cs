namespace Simmer;

/// <summary>A worker as an operator sees it: a snapshot.</summary>
/// <param name="Name">Its name: by default the machine's and the process's.</param>
public sealed record WorkerStatus(string Name)
{
    /// <summary>The queues it works on.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>What it offers to queues that require something.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>How many jobs it owns, running or claimed ahead.</summary>
    public int Running { get; init; }

    /// <summary>How long ago its last beat was, by the store's clock.</summary>
    public TimeSpan BeatAge { get; init; }

    /// <summary>After this long without a beat its jobs are taken back; <see langword="null"/>: it does not say.</summary>
    public TimeSpan? Lease { get; init; }
}
