namespace Simmer.Storage;

/// <summary>Marks the seam between the engine and a store. Its types are public for authors of stores, and may change in a minor version:
/// whoever uses them opts in by suppressing the diagnostic. Applications need none of them.</summary>
internal static class StoreSeam
{
    /// <summary>The diagnostic.</summary>
    public const string Id = "SIMMER001";

    /// <summary>What it says.</summary>
    public const string Message =
        "Simmer.Storage is the seam for authors of stores and may change in a minor version of Simmer. Applications use IJobClient and "
        + "IJobOperator; an author of a store opts in with <NoWarn>$(NoWarn);SIMMER001</NoWarn>. See docs/store-authors.md.";
}
