using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>Ready again at its old place, its attempt forgiven, as suspect as it was; a job whose cancel was asked for ends instead of
    /// starting once more.</summary>
    internal static void GiveBack(Session session, HeldJob job, DateTimeOffset now)
    {
        if (!job.CancelRequested)
        {
            session.Changes.MakeReady(job, job.Forgiven + 1, job.Errors, job.Suspicion, now);
            return;
        }

        session.Changes.ForgetSignal(job.Owner, job.Token);
        session.Changes.End(session, job,
            new Ending(job.Id, JobState.Cancelled, StoreRules.KeptByDefault) { Reason = job.CancelReason, Forgiven = job.Forgiven + 1,
            Step = job.Step });
    }
}
