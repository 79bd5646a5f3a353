using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>One step of a graph that is being built.</summary>
internal sealed class Node(int number, IJob job, JobKind kind, EnqueueOptions? options, Entry entry)
{
    public int Number => number;

    public IJob Job => job;

    public JobKind Kind => kind;

    public EnqueueOptions? Options => options;

    public Entry Entry => entry;

    /// <summary>The beginning of its name, from the elements it is in. The rest is the name it was given, or that of its kind.</summary>
    public required string Path { get; init; }

    public string? GivenName { get; init; }

    public IJob? Undo { get; init; }

    public StepRole Role { get; init; }

    public string Name { get; set; } = string.Empty;

    public int Pending { get; set; }

    public StepNumbers Parents { get; set; } = StepNumbers.None;

    /// <summary>How many of its parents are such only because a group without members stands between; they are the last in the
    /// list.</summary>
    public int ParentsThroughEmpty { get; set; }

    public LinkBuilder Next { get; } = new();

    /// <summary>The exits that it belongs to and that other steps wait for.</summary>
    public List<Exits> MemberOf { get; } = [];

    public bool IsStrict => entry.Rule is StepRule.AllSucceeded or StepRule.NoneFailed;
}
