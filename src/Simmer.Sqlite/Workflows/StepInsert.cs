using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Stores the steps of workflows.</summary>
internal static class StepInsert
{
    private static readonly Sql s_insert = new("""
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, enqueued_at, ready_at, due_at, expires_at,
            time_limit, tags, trace_parent, trace_state, payload,
          version, step, pending, outcomes, owner, started_at)
        VALUES(?1, ?2, ?3, ?4, ?5, ?19, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 0, ?20, ?21)
        """);

    /// <summary>Stores a step that waits for others, or one that need not wait.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="job">The step's job.</param>
    /// <param name="now">The present time.</param>
    /// <param name="worker">Who has started it already (<see cref="StepStarts"/>); null: nobody.</param>
    public static void Insert(SqliteSession session, JobDraft job, DateTimeOffset now, long? worker = null)
    {
        var at = DbTime.Of(now);
        var step = job.Step!;
        var move = FollowDecision.ForNew(step);
        if (move == StepMove.Skipped)
        {
            // It waits for a failure of nobody: skipped as soon as all of its workflow is there.
            session.Steps.Ledger.Stored(step.Workflow, step.Number);
        }

        var waits = move != StepMove.Released;
        var due = waits ? null : step.DueAfter(now);
        var state = waits ? JobState.Waiting : worker is not null ? JobState.Running : FollowDecision.Released(due);
        _ = session[s_insert]
            .Bind(1, job.Id)
            .Bind(2, session.Names.Queue(job.Queue))
            .Bind(3, session.Names.Kind(job.Kind))
            .Bind(4, (long)state)
            .Bind(5, (long)job.Priority)
            .Bind(6, (long)job.MaxAttempts)
            .Bind(7, at)
            .Bind(8, state == JobState.Ready ? at : null)
            .Bind(9, DbTime.Of(due))
            .Bind(10, DbTime.Of(job.ExpiresFrom(now)))
            .Bind(11, job.TimeLimit?.Ticks)
            .Bind(12, JsonList.Write(job.Tags))
            .Bind(13, job.TraceParent)
            .Bind(14, job.TraceState)
            .Bind(15, job.Payload.Span)
            // Stored, released and claimed are a change each.
            .Bind(16, waits ? 1L : worker is null ? 2L : 3L)
            .Bind(17, step.Write())
            .Bind(18, (long)step.Pending)
            .Bind(19, worker is null ? 0L : 1L)
            .Bind(20, worker)
            .Bind(21, worker is null ? null : at)
            .Run();
        if (state == JobState.Ready)
        {
            session.Steps.Ready(job.Queue);
        }
        else if (due is { } later)
        {
            session.Steps.Due(later);
        }
    }
}
