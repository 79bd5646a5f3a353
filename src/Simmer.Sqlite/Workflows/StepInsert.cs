using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Stores the steps of workflows.</summary>
internal static class StepInsert
{
    private static readonly Sql s_insert =
        new($"INSERT INTO simmer_job({JobColumns.InsertedOfSteps}) VALUES({JobColumns.InsertedValuesOfSteps})");

    /// <summary>Stores a step that waits for others, or one that need not wait.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="job">The step's job.</param>
    /// <param name="now">The present time.</param>
    /// <param name="worker">Who has started it already (<see cref="StepStarts"/>); null: nobody.</param>
    public static void Insert(SqliteSession session, JobDraft job, DateTimeOffset now, long? worker = null)
    {
        var step = job.Step!;
        var move = FollowDecision.ForNew(step);
        if (move == StepMove.Skipped)
        {
            // Its rule wants a failure and there is no parent that could fail, so it is skipped as soon as the whole workflow is there.
            session.Steps.Ledger.Stored(step.Workflow, step.Number);
        }

        var waits = move != StepMove.Released;
        var due = waits ? null : step.DueAfter(now);
        var state = waits ? JobState.Waiting : RunStart.StateOfNew(FollowDecision.Released(due), worker);
        var row = new JobRow(job, session.Names.Queue(job.Queue), session.Names.Kind(job.Kind), state, DbTime.Of(now), DbTime.Of(due),
            DbTime.Of(job.ExpiresFrom(now)), worker);
        _ = JobColumns.BindStep(session[s_insert], row).Run();
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
