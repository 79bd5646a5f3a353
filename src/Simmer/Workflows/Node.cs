using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>One step of a graph in the making.</summary>
internal sealed class Node(int number, IJob job, JobKind kind, EnqueueOptions? options, Entry entry)
{
    public int Number => number;

    public IJob Job => job;

    public JobKind Kind => kind;

    public EnqueueOptions? Options => options;

    public Entry Entry => entry;

    /// <summary>What its name begins with, and what it was given; without that it is named after its kind.</summary>
    public required string Path { get; init; }

    public string? GivenName { get; init; }

    public IJob? Undo { get; init; }

    public StepRole Role { get; init; }

    public string Name { get; set; } = string.Empty;

    public int Pending { get; set; }

    public StepNumbers Parents { get; set; } = StepNumbers.None;

    /// <summary>How many of its parents, the last ones, are seen through groups without members.</summary>
    public int ParentsThroughEmpty { get; set; }

    public LinkBuilder Next { get; } = new();

    /// <summary>The sets of exits it belongs to and that somebody follows.</summary>
    public List<Exits> MemberOf { get; } = [];

    public bool IsStrict => entry.Rule is StepRule.AllSucceeded or StepRule.NoneFailed;
}
