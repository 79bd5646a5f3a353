namespace Simmer.Storage;

/// <summary>Whom a step or gate tells how it ended.</summary>
/// <param name="To">Steps by their numbers, gates by theirs, which are negative; 0 is the workflow's end.</param>
/// <param name="Kind">What its end means to them.</param>
/// <param name="Labels">The branches for which the link counts; empty: for any.</param>
public sealed record StepLink(StepNumbers To, StepLinkKind Kind, IReadOnlyList<string> Labels);

/// <summary>What a parent's end means to a child.</summary>
public enum StepLinkKind
{
    /// <summary>The child's rule looks at how the parent ended.</summary>
    Normal = 0,

    /// <summary>Only that it ended: the child comes after it.</summary>
    Order = 1,

    /// <summary>The child undoes the parent, and is left out unless that had succeeded.</summary>
    Target = 2,
}
