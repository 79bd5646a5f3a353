using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Counts how the parents of a step, gate or workflow have ended; its rule is decided by that. Every change is an addition, so
/// that several parents that end in one transaction are one update, and a parent that runs again takes back exactly what it had
/// reported.</summary>
/// <param name="Pending">How many links have not reported yet.</param>
/// <param name="Failed">How many reported a failed or cancelled parent.</param>
/// <param name="Broken">How many reported a parent that was skipped because something before it had failed.</param>
/// <param name="Skipped">How many reported a parent that was skipped for another reason, or a branch that was not taken.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct StepTally(int Pending, int Failed = 0, int Broken = 0, int Skipped = 0)
{
    private const int Bits = 21;
    private const long Mask = (1L << Bits) - 1;

    /// <summary>Failed, broken and skipped in one number, which adds up as they do.</summary>
    public long Outcomes => Failed + ((long)Broken << Bits) + ((long)Skipped << (2 * Bits));

    /// <summary>How a gate with this tally has ended, once nothing is pending.</summary>
    public StepEnd End => Failed > 0 ? StepEnd.Failed : Broken > 0 ? StepEnd.Broken : Skipped > 0 ? StepEnd.Skipped : StepEnd.Succeeded;

    /// <summary>How a step with this tally ends if it is skipped.</summary>
    public StepEnd SkippedEnd => Failed + Broken > 0 ? StepEnd.Broken : StepEnd.Skipped;

    /// <summary>Unpacks a stored tally.</summary>
    /// <param name="pending">The pending links.</param>
    /// <param name="outcomes">The <see cref="Outcomes"/>.</param>
    /// <returns>The tally.</returns>
    public static StepTally Of(int pending, long outcomes) =>
        new(pending, (int)(outcomes & Mask), (int)((outcomes >> Bits) & Mask), (int)(outcomes >> (2 * Bits)));

    /// <summary>Adds two tallies, part by part.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <returns>The sum.</returns>
    public static StepTally operator +(StepTally a, StepTally b) =>
        new(a.Pending + b.Pending, a.Failed + b.Failed, a.Broken + b.Broken, a.Skipped + b.Skipped);

    /// <summary>The change that takes a tally back.</summary>
    /// <param name="tally">The tally.</param>
    /// <returns>Its negative.</returns>
    public static StepTally operator -(StepTally tally) => new(-tally.Pending, -tally.Failed, -tally.Broken, -tally.Skipped);

    /// <summary>Whether a step with this tally runs, once nothing is pending; else it is skipped.</summary>
    /// <param name="rule">Its rule.</param>
    /// <param name="role">Its role.</param>
    /// <returns>Whether it runs.</returns>
    public bool LetsRun(StepRule rule, StepRole role) => role switch
    {
        // All ordinary steps are final when it is asked, and a failure that was passed on as skips counts as well.
        StepRole.Undo => Failed + Broken > 0 && Skipped == 0,

        // OnFailure gates are linked to every step of their scope, so a skip caused by a failure outside the scope must not count.
        StepRole.OnFailure => Failed > 0,
        StepRole.Finally => true,
        _ => rule switch
        {
            StepRule.AllSucceeded => Failed + Broken + Skipped == 0,
            StepRule.AnyFailed => Failed > 0,
            StepRule.NoneFailed => Failed + Broken == 0,
            _ => true,
        },
    };

    /// <summary>The change that the end of a parent makes to the tally of a child.</summary>
    /// <param name="link">The link between them.</param>
    /// <param name="end">How the parent ended.</param>
    /// <param name="branch">The branch it returned.</param>
    /// <returns>What is added.</returns>
    public static StepTally From(StepLink link, StepEnd end, string? branch)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.Kind switch
        {
            StepLinkKind.Order => new(-1),
            StepLinkKind.Target => end == StepEnd.Succeeded ? new(-1) : new(-1, Skipped: 1),
            _ => end switch
            {
                StepEnd.Succeeded => Counts(link, branch) ? new(-1) : new(-1, Skipped: 1),
                StepEnd.Failed => new(-1, Failed: 1),
                StepEnd.Broken => new(-1, Broken: 1),
                _ => new(-1, Skipped: 1),
            },
        };
    }

    /// <summary>Whether a link counts for a parent that succeeded.</summary>
    /// <param name="link">The link.</param>
    /// <param name="branch">The branch the parent returned.</param>
    /// <returns>True for a link without labels, and for one with this label.</returns>
    public static bool Counts(StepLink link, string? branch)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.Labels.Count == 0 || (branch is not null && link.Labels.Contains(branch));
    }
}
