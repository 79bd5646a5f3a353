using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Takes jobs out of the history: for good, or to run again.</summary>
internal static class JobHistory
{
    private static readonly Sql s_delete = new("DELETE FROM simmer_history WHERE id = ?1");

    private static readonly Sql s_reopen = new($"""
        INSERT INTO simmer_job({JobColumns.Reopened}) SELECT {JobColumns.ReopenedValues} FROM simmer_history WHERE id = ?1
        ON CONFLICT DO NOTHING
        """);

    public static void Delete(SqliteSession session, JobId id) => session[s_delete].Bind(1, id).Run();

    /// <summary>Makes a job ready again.</summary>
    /// <returns>False: another job holds its unique key; nothing was done.</returns>
    public static bool TryRetry(SqliteSession session, JobId id, DateTimeOffset now)
    {
        if (session[s_reopen].Bind(1, id).Bind(2, DbTime.Of(now)).Bind(3, (long)JobState.Ready).Run() == 0)
        {
            return false;
        }

        Delete(session, id);
        return true;
    }

    /// <summary>Makes a step wait again, until it is known whether anything that it had waited for runs again.</summary>
    public static void Reopen(SqliteSession session, JobId id)
    {
        _ = session[s_reopen].Bind(1, id).BindNull(2).Bind(3, (long)JobState.Waiting).Run();
        Delete(session, id);
    }
}
