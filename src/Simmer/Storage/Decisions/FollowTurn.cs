namespace Simmer.Storage.Decisions;

/// <summary>Whether a gate, or the end of a workflow, is passed by a change of what it waits for.</summary>
internal enum FollowTurn : byte
{
    /// <summary>It stays what it was.</summary>
    None,

    /// <summary>Nothing is pending any more: a gate reports to its children, a workflow ends.</summary>
    Ended,

    /// <summary>Something is pending again: a gate takes back what it has reported, a workflow runs again.</summary>
    Reopened,
}
