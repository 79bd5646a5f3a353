namespace Simmer.StoreTests.Workflows;

/// <summary>The job of a step in these tests: it says how the step is stored.</summary>
public sealed record Letter(string Kind = Some.Kind, string Queue = Some.Queue, int Priority = 0, TimeSpan Delay = default,
    DateTimeOffset? DueAt = null, DateTimeOffset? ExpiresAt = null) : IJob;
