namespace Simmer.Storage;

/// <summary>Whom a step or gate tells how it ended.</summary>
/// <param name="To">Steps by their numbers, gates by theirs, which are negative; 0 is the workflow's end.</param>
/// <param name="Kind">What its end means to them.</param>
/// <param name="Labels">The branches for which the link counts; empty: for any.</param>
public sealed record StepLink(StepNumbers To, StepLinkKind Kind, IReadOnlyList<string> Labels)
{
    /// <summary>Stands for all links of something whose links are damaged: it leads to nobody, and whoever would tell by it leaves
    /// <see cref="LostLinks"/> behind.</summary>
    public static StepLink Lost { get; } = new(StepNumbers.None, StepLinkKind.Normal, []);

    /// <summary>Whether this is <see cref="Lost"/>.</summary>
    public bool IsLost => ReferenceEquals(this, Lost);
}
