using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A link: the steps to which a step or gate reports its end.</summary>
/// <param name="To">Steps by their numbers, gates by theirs, which are negative; 0 is the workflow's end.</param>
/// <param name="Kind">What the end means for them.</param>
/// <param name="Labels">The branches for which the link counts; empty: for any.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record StepLink(StepNumbers To, StepLinkKind Kind, IReadOnlyList<string> Labels)
{
    /// <summary>Stands for the links of a step or gate whose links are damaged. It leads nowhere; what would be reported by it is left to
    /// <see cref="LostLinks"/>.</summary>
    public static StepLink Lost { get; } = new(StepNumbers.None, StepLinkKind.Normal, []);

    /// <summary>Whether this is <see cref="Lost"/>.</summary>
    public bool IsLost => ReferenceEquals(this, Lost);
}
