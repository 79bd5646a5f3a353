using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>A running job whose row a lease proves.</summary>
/// <param name="Seq">The number of its row.</param>
/// <param name="Token">The lease.</param>
/// <param name="Owner">The worker that holds it.</param>
/// <param name="Errors">How many errors it has had.</param>
/// <param name="Forgiven">How many runs do not count as attempts.</param>
/// <param name="CancelRequested">Whether somebody has asked for its cancel.</param>
/// <param name="Suspicion">Its level as a suspect; 0: it is none.</param>
/// <param name="CancelReason">The reason given with the cancel.</param>
/// <param name="Step">Its place in a workflow.</param>
internal readonly record struct HeldJob(long Seq, LeaseToken Token, long Owner, long Errors, int Forgiven, bool CancelRequested,
    int Suspicion, string? CancelReason, StepDraft? Step)
{
    /// <summary>How long the job is kept if its requested cancel ends it without a settlement; asked only of such a job.</summary>
    public TimeSpan KeepCancelledFor(SqliteSession session) =>
        CancelRequested ? DeclaredQueues.KeepCancelledFor(session, Seq, Step) : default;

    /// <summary>What the decisions look at.</summary>
    public RunningRow Row => new(Token.Run, Forgiven, Suspicion, CancelRequested, CancelReason, Step is not null);
}
