namespace Simmer.Storage.Decisions;

/// <summary>Whether a job may start. Today a queue that an operator has paused lets none start. Rate limits, keys and tenants would be
/// asked here as well; they need a number and not only a yes: how many of the jobs that a claim takes may start. A database asks in the
/// very statement that starts something, by the fragment of SQL that its own <c>Admission</c> has for these rules, so that a pause holds
/// from its commit on and costs no round trip.</summary>
internal static class Admission
{
    /// <summary>Whether jobs of a queue may start: by a claim, by the insert that stores them, or as steps that are released.</summary>
    /// <param name="isPaused">Whether an operator has paused it.</param>
    /// <returns>Whether they may.</returns>
    public static bool IsOpen(bool isPaused) => !isPaused;

    /// <summary>Whether the insert that stores a job may try to start it. Local dispatch is decided by the store, in the insert.</summary>
    /// <param name="dispatch">Whether the process that stores the job would run it at once.</param>
    /// <param name="job">The job. One with a unique key is left to a claim: whether it is stored at all is known only after the
    /// insert.</param>
    /// <param name="isExpired">Whether its time to start is over.</param>
    /// <returns>Whether it may; <see cref="Starts"/> decides.</returns>
    public static bool MayTry(bool dispatch, JobDraft job, bool isExpired) => dispatch && job.UniqueKey is null && !isExpired;

    /// <summary>Whether a job that may be tried starts with its insert.</summary>
    /// <param name="isOpen">Whether its queue is open.</param>
    /// <param name="hasReadyBefore">Whether the queue has a ready job that a claim would take before this one. It counts whichever worker
    /// could run it: nobody is overtaken.</param>
    /// <returns>Whether it does; if not, it becomes ready.</returns>
    public static bool Starts(bool isOpen, bool hasReadyBefore) => isOpen && !hasReadyBefore;
}
