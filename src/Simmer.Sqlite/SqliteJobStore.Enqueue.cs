using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    // No RETURNING: on a single-row insert it doubles the cost. A conflict is told by changes(), so one bad row needs no savepoint.
    private static readonly Sql s_insert = new("""
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, owner, enqueued_at, ready_at, started_at,
          due_at, expires_at, time_limit, unique_key, held_while, tags, trace_parent, trace_state, payload)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
        ON CONFLICT DO NOTHING
        """);

    private static readonly Sql s_paused = new("SELECT paused FROM simmer_queue WHERE id = ?1");

    private static readonly Sql s_topReady = new("""
        SELECT max(
          coalesce((SELECT priority FROM simmer_job WHERE queue = ?1 AND state = 3 ORDER BY priority DESC LIMIT 1), -9223372036854775807),
          coalesce((SELECT priority FROM simmer_job WHERE queue = ?1 AND state = 9 ORDER BY priority DESC LIMIT 1), -9223372036854775807))
        """);

    // Of a job with an id that its caller chose.
    private static readonly Sql s_present = new("""
        SELECT kind, state, step IS NOT NULL, payload IS NOT ?2 FROM simmer_job WHERE id = ?1
        UNION ALL SELECT kind, state, step IS NOT NULL, payload IS NOT ?2 FROM simmer_history WHERE id = ?1
        """);

    /// <summary>Stores jobs; without a worker nothing is dispatched.</summary>
    private static EnqueueReport[] Enqueue(SqliteSession session, IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset now,
        StepStarts? starts = null)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        var reports = new EnqueueReport[requests.Count];
        var refused = RefusedGroups(requests);
        if (refused is null)
        {
            _ = EnqueueInOrder(session, requests, null, reports, worker, now, starts);
            return reports;
        }

        // Strictly in order, whichever call a job came with: where the database refuses one of a call, all is done again without that call.
        session.Execute("SAVEPOINT several");
        while (EnqueueInOrder(session, requests, refused, reports, worker, now, starts) is { } bad)
        {
            session.Execute("ROLLBACK TO several");
            session.Forget();
            _ = refused.Add(bad);
        }

        session.Execute("RELEASE several");
        return reports;
    }

    /// <summary>The calls with several jobs of which one is refused before it is tried; <see langword="null"/>: every job came
    /// alone.</summary>
    private static HashSet<int>? RefusedGroups(IReadOnlyList<EnqueueRequest> requests)
    {
        HashSet<int>? refused = null;
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Group > 0)
            {
                refused ??= [];
                if (StoreRules.WhyRefused(requests[i].Job) is not null)
                {
                    _ = refused.Add(requests[i].Group);
                }
            }
        }

        return refused;
    }

    /// <summary>Stores what is not of a refused group.</summary>
    /// <returns>A group of which the database refused a job now; <see langword="null"/>: none.</returns>
    private static int? EnqueueInOrder(SqliteSession session, IReadOnlyList<EnqueueRequest> requests, HashSet<int>? refused,
        EnqueueReport[] reports, long? worker, DateTimeOffset now, StepStarts? starts)
    {
        var checks = new DispatchChecks(session, starts);
        var at = DbTime.Of(now);
        for (var i = 0; i < reports.Length; i++)
        {
            var group = requests[i].Group;
            if (group > 0 && refused!.Contains(group))
            {
                // The reason that the database gave stays with the job it gave it for.
                reports[i] = reports[i].Status == EnqueueStatus.Refused ? reports[i]
                    : Refused(requests[i].Job, new StoreException(StoreRules.WhyRefused(requests[i].Job) ?? StoreRules.RefusedWithAnother));
                continue;
            }

            reports[i] = EnqueueAlone(session, requests[i], worker, checks, at);
            if (group > 0 && reports[i].Status == EnqueueStatus.Refused)
            {
                return group;
            }
        }

        return null;
    }

    private static EnqueueReport EnqueueAlone(SqliteSession session, EnqueueRequest request, long? worker, DispatchChecks checks, long at)
    {
        var job = request.Job;
        if (StoreRules.WhyRefused(job) is { } why)
        {
            return Refused(job, new StoreException(why));
        }

        if (job.IdGiven && Present(session, job) is { } present)
        {
            return present;
        }

        if (session.Verb?.LeftOut is { } leftOut && leftOut.TryGetValue(job.Id, out var before))
        {
            return Refused(job, StoreFaults.Refusal(before, $"job {job.Id} of kind '{job.Kind}'"));
        }

        try
        {
            if (session.Verb is { Careful: true } verb)
            {
                verb.About = job.Id;
            }

            var report = Insert(session, request, worker, checks, at);
            session.Verb?.About = null;
            return report;
        }
        catch (SqliteFault fault) when (fault.IsAboutOneRow && session.InTransaction)
        {
            session.Verb?.About = null;
            return Refused(job, StoreFaults.Refusal(fault, $"job {job.Id} of kind '{job.Kind}'"));
        }
    }

    /// <summary>The answer for a job whose caller chose an id that is there already, or belongs to a workflow; null: it is free.</summary>
    private static EnqueueReport? Present(SqliteSession session, JobDraft job)
    {
        var statement = session[s_present].Bind(1, job.Id).Bind(2, job.Payload.Span);
        if (!statement.Step())
        {
            return session[s_workflowState].Bind(1, WorkflowId.OfStep(job.Id)).Number() is null
                ? null
                : Refused(job, new StoreException(StoreRules.WhyOfWorkflow(job.Id)));
        }

        var (kind, state, isStep, differs) = (statement.Long(0), Public(statement.Int(1)), statement.Bool(2), statement.Bool(3));
        statement.Reset();
        return StoreRules.WhyTaken(job, session.Names.KindName(kind), isStep) is { } why
            ? Refused(job, new StoreException(why))
            : new EnqueueReport(EnqueueStatus.Duplicate, job.Id, state) { HasOtherPayload = differs };
    }

    private static EnqueueReport Insert(SqliteSession session, EnqueueRequest request, long? worker, DispatchChecks checks, long at)
    {
        var job = request.Job;
        var queue = checks.Of(job.Queue);
        var now = DbTime.From(at);
        var due = DbTime.Of(job.DueFrom(now));
        var expires = DbTime.Of(job.ExpiresFrom(now));
        var state = due is not null ? JobState.Scheduled

                : request.Dispatch && worker is not null && job.UniqueKey is null && !(expires <= at) && checks
                    .MayDispatch(queue, job.Priority)
                ? JobState.Running
            : JobState.Ready;
        var running = state == JobState.Running;
        var statement = session[s_insert]
            .Bind(1, job.Id)
            .Bind(2, queue.Id)
            .Bind(3, session.Names.Kind(job.Kind))
            .Bind(4, (long)state)
            .Bind(5, job.Priority)
            .Bind(6, running ? 1L : 0L)
            .Bind(7, job.MaxAttempts)
            .Bind(8, running ? worker : null)
            .Bind(9, at)
            .Bind(10, state == JobState.Ready ? at : null)
            .Bind(11, running ? at : null)
            .Bind(12, due)
            .Bind(13, expires)
            .Bind(14, job.TimeLimit?.Ticks)
            .Bind(15, job.UniqueKey)
            .Bind(16, (long)job.UniqueWhile)
            .Bind(17, JsonList.Write(job.Tags))
            .Bind(18, job.TraceParent)
            .Bind(19, job.TraceState)
            .Bind(20, job.Payload.Span);
        if (statement.Run() == 0)
        {
            return Look(session, job.Id) is { } same ? new EnqueueReport(EnqueueStatus.Duplicate, job.Id, same.State)
                : Holder(session, job) is { } holder ? new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, holder.State)
                : Refused(job, new StoreException($"The database refused job {job.Id} for a conflict that it does not name."));
        }

        if (state == JobState.Ready)
        {
            queue.TopReady = Math.Max(queue.TopReady, job.Priority);
        }

        return new EnqueueReport(running ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, state);
    }

    private static EnqueueReport Refused(JobDraft job, StoreException error) => new(EnqueueStatus.Refused, job.Id, JobState.Unknown, error);

    /// <summary>What the jobs of one flush need to know of their queues, asked once a queue.</summary>
    private sealed class DispatchChecks(SqliteSession session, StepStarts? starts)
    {
        private readonly List<QueueCheck> _queues = [];

        public QueueCheck Of(string name)
        {
            foreach (var queue in _queues)
            {
                if (ReferenceEquals(queue.Name, name) || queue.Name == name)
                {
                    return queue;
                }
            }

            var added = new QueueCheck(name, session.Names.Queue(name));
            _queues.Add(added);
            return added;
        }

        /// <summary>Starting a job at once must not overtake a ready one, whoever could run that, nor a step that this flush has
        /// released.</summary>
        public bool MayDispatch(QueueCheck queue, int priority)
        {
            if (!queue.Probed)
            {
                queue.Probed = true;
                queue.Paused = session[s_paused].Bind(1, queue.Id).Number() == 1;
                queue.TopReady = Math.Max(queue.TopReady, session[s_topReady].Bind(1, queue.Id).Number() ?? long.MinValue);
                queue.TopReady = Math.Max(queue.TopReady, starts?.TopPriority(queue.Name) ?? long.MinValue);
            }

            return !queue.Paused && queue.TopReady < priority;
        }
    }

    private sealed class QueueCheck(string name, long id)
    {
        public readonly string Name = name;
        public readonly long Id = id;
        public bool Probed;
        public bool Paused;

        /// <summary>The highest priority among the ready jobs, those of this flush included.</summary>
        public long TopReady = long.MinValue;
    }
}
