using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>What is stored under the id, or the unique key, of a job.</summary>
internal static class JobLookup
{
    private static readonly Sql s_stateAndRun = new("SELECT state, run, owner FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_historyState = new("SELECT state FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_hot = new("SELECT seq, state, run, owner, step FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_keyHolder = new("SELECT id, state FROM simmer_job WHERE kind = ?1 AND unique_key = ?2");

    private static readonly Sql s_keyInHistory = new("""
        SELECT job.id FROM simmer_history AS old JOIN simmer_job AS job ON job.kind = old.kind AND job.unique_key = old.unique_key
            WHERE old.id = ?1
        """);

    /// <summary>What has this id, among the jobs that have not ended and in the history.</summary>
    public static FoundJob Find(SqliteSession session, JobId id)
    {
        var statement = session[s_stateAndRun].Bind(1, id);
        if (!statement.Step())
        {
            return new FoundJob(EndedStateOf(session, id));
        }

        var row = new FoundJob(JobStates.Of(statement.Int(0)), statement.Int(1), new WorkerId(statement.LongOrNull(2) ?? 0));
        statement.Reset();
        return row;
    }

    /// <summary>The state of the job with this id; unknown: there is none.</summary>
    public static JobState StateOf(SqliteSession session, JobId id) => Find(session, id).State;

    /// <summary>The state of the job with this id in the history; unknown: it is not there.</summary>
    public static JobState EndedStateOf(SqliteSession session, JobId id) =>
        (JobState)(session[s_historyState].Bind(1, id).Number() ?? 0);

    /// <summary>The job with this id, if it has not ended.</summary>
    public static HotRow? FindHot(SqliteSession session, JobId id)
    {
        var statement = session[s_hot].Bind(1, id);
        if (!statement.Step())
        {
            return null;
        }

        var row = new HotRow(statement.Long(0), JobStates.Of(statement.Int(1)), statement.Int(2), statement.LongOrNull(3) ?? 0,
            StoredStep.ReadOrStandIn(session, statement, id, 4), statement.IsNull(4));
        statement.Reset();
        return row;
    }

    /// <summary>The job that holds the unique key of one that is to be stored.</summary>
    public static (JobId Id, JobState State)? HolderOf(SqliteSession session, JobDraft job)
    {
        if (job.UniqueKey is not { } key)
        {
            return null;
        }

        var statement = session[s_keyHolder].Bind(1, session.Names.Kind(job.Kind)).Bind(2, key);
        if (!statement.Step())
        {
            return null;
        }

        var holder = (statement.IdOrStandIn(0), JobStates.Of(statement.Int(1)));
        statement.Reset();
        return holder;
    }

    /// <summary>The job that holds the unique key of one that has ended.</summary>
    public static JobId? HolderOfEnded(SqliteSession session, JobId id)
    {
        var statement = session[s_keyInHistory].Bind(1, id);
        if (!statement.Step())
        {
            return null;
        }

        var holder = statement.IdOrStandIn(0);
        statement.Reset();
        return holder;
    }
}
