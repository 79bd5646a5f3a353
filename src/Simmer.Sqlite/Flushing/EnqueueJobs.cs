using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Stores jobs that stand alone.</summary>
internal static class EnqueueJobs
{
    // Without RETURNING, which doubles the cost of a single-row insert. changes() shows a conflict, so one bad row needs no savepoint.
    private static readonly Sql s_insert =
        new($"INSERT INTO simmer_job({JobColumns.Inserted}) VALUES({JobColumns.InsertedValues}) ON CONFLICT DO NOTHING");

    // Of a job with an id that its caller chose.
    private static readonly Sql s_present = new("""
        SELECT kind, state, step IS NOT NULL, payload IS NOT ?2 FROM simmer_job WHERE id = ?1
        UNION ALL SELECT kind, state, step IS NOT NULL, payload IS NOT ?2 FROM simmer_history WHERE id = ?1
        """);

    /// <summary>Stores jobs, strictly in order.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="requests">The jobs.</param>
    /// <param name="worker">The worker that may run some of them at once; null: nothing is started.</param>
    /// <param name="now">The present time.</param>
    /// <param name="starts">The steps that this flush has released, which must not be overtaken.</param>
    public static EnqueueReport[] Enqueue(SqliteSession session, IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset now,
        StepStarts? starts = null)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        var reports = new EnqueueReport[requests.Count];
        if (!EnqueueGroups.Any(requests))
        {
            _ = EnqueueInOrder(session, requests, null, reports, worker, now, starts);
            return reports;
        }

        // Where the database refuses a job that came with others, all is done again without those.
        var refused = EnqueueGroups.RefusedByRules(requests);
        session.Execute("SAVEPOINT several");
        while (EnqueueInOrder(session, requests, refused, reports, worker, now, starts) is { } bad)
        {
            session.Execute("ROLLBACK TO several");
            session.Forget();
            EnqueueGroups.Refuse(ref refused, bad);
        }

        session.Execute("RELEASE several");
        return reports;
    }

    /// <summary>The answer for a job whose caller chose an id that is there already, or belongs to a workflow; null: it is free.</summary>
    public static EnqueueReport? Present(SqliteSession session, JobDraft job)
    {
        var statement = session[s_present].Bind(1, job.Id).Bind(2, job.Payload.Span);
        if (!statement.Step())
        {
            return WorkflowLookup.StateOf(session, WorkflowId.OfStep(job.Id)) is null
                ? null
                : RepeatAnswer.Refused(job, StoreRules.WhyOfWorkflow(job.Id));
        }

        var (kind, state, isStep, differs) =
            (statement.Long(0), JobStates.Of(statement.Int(1)), statement.Bool(2), statement.Bool(3));
        statement.Reset();
        return RepeatAnswer.ToTakenId(job, session.Names.KindName(kind), isStep, state, differs);
    }

    /// <summary>Stores what is not of a refused group.</summary>
    /// <returns>A group of which the database refused a job now; null: none.</returns>
    private static int? EnqueueInOrder(SqliteSession session, IReadOnlyList<EnqueueRequest> requests, HashSet<int>? refused,
        EnqueueReport[] reports, long? worker, DateTimeOffset now, StepStarts? starts)
    {
        var direct = new DirectStarts(session, worker, starts);
        var at = DbTime.Of(now);
        for (var i = 0; i < reports.Length; i++)
        {
            var group = requests[i].Group;
            if (EnqueueGroups.WhyRefused(requests[i], refused) is { } why)
            {
                // The reason that the database gave stays with the job it gave it for.
                reports[i] = reports[i].Status == EnqueueStatus.Refused && EnqueueGroups.IsRefused(refused, group)
                    ? reports[i]
                    : RepeatAnswer.Refused(requests[i].Job, why);
                continue;
            }

            reports[i] = EnqueueAlone(session, requests[i], direct, at);
            if (group > 0 && reports[i].Status == EnqueueStatus.Refused)
            {
                return group;
            }
        }

        return null;
    }

    private static EnqueueReport EnqueueAlone(SqliteSession session, in EnqueueRequest request, DirectStarts direct, long at)
    {
        var job = request.Job;
        if (job.IdGiven && Present(session, job) is { } present)
        {
            return present;
        }

        if (session.Operation?.LeftOut is { } leftOut && leftOut.TryGetValue(job.Id, out var before))
        {
            return RepeatAnswer.Refused(job, StoreFaults.Refusal(before, $"job {job.Id} of kind '{job.Kind}'"));
        }

        try
        {
            if (session.Operation is { Careful: true } operation)
            {
                operation.About = job.Id;
            }

            var report = Insert(session, request, direct, at);
            session.Operation?.About = null;
            return report;
        }
        catch (SqliteFault fault) when (fault.IsAboutOneRow && session.InTransaction)
        {
            session.Operation?.About = null;
            return RepeatAnswer.Refused(job, StoreFaults.Refusal(fault, $"job {job.Id} of kind '{job.Kind}'"));
        }
    }

    private static EnqueueReport Insert(SqliteSession session, in EnqueueRequest request, DirectStarts direct, long at)
    {
        var job = request.Job;
        var queue = direct.Of(job.Queue);
        var now = DbTime.From(at);
        var due = DbTime.Of(job.DueFrom(now));
        var expires = DbTime.Of(job.ExpiresFrom(now));
        var starter = due is null ? direct.StarterOf(request, queue, expires, at) : null;
        var state = due is not null ? JobState.Scheduled : RunStart.StateOfNew(JobState.Ready, starter);
        var row = new JobRow(job, queue.Id, session.Names.Kind(job.Kind), state, at, due, expires, starter);
        if (JobColumns.BindJob(session[s_insert], row).Run() == 0)
        {
            return AfterConflict(session, job);
        }

        if (state == JobState.Ready)
        {
            queue.TopReady = Math.Max(queue.TopReady, job.Priority);
        }

        return new EnqueueReport(starter is null ? EnqueueStatus.Stored : EnqueueStatus.Dispatched, job.Id, state);
    }

    private static EnqueueReport AfterConflict(SqliteSession session, JobDraft job) =>
        JobLookup.FindHot(session, job.Id) is { } same ? new EnqueueReport(EnqueueStatus.Duplicate, job.Id, same.State)
        : JobLookup.HolderOf(session, job) is { } holder ? RepeatAnswer.ToHeldKey(holder.Id, holder.State)
        : RepeatAnswer.Refused(job, $"The database refused job {job.Id} for a conflict that it does not name.");
}
