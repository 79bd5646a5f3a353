using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The errors of a job's attempts.</summary>
internal static class JobErrors
{
    private static readonly Sql s_add =
        new("INSERT OR REPLACE INTO simmer_error(job, n, run, attempt, at, type, message, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

    private static readonly Sql s_trim = new("DELETE FROM simmer_error WHERE job = ?1 AND n <= ?2");
    private static readonly Sql s_delete = new("DELETE FROM simmer_error WHERE job = ?1");

    /// <summary>Adds the error that is number <paramref name="n"/> of its job; the newest 20 stay.</summary>
    public static void Add(SqliteSession session, JobId id, long n, AttemptError error)
    {
        _ = session[s_add].Bind(1, id).Bind(2, n).Bind(3, error.Run).Bind(4, error.Attempt).Bind(5, DbTime.Of(error.At))
            .Bind(6, error.Type).Bind(7, error.Message).Bind(8, error.Detail).Run();
        if (n > StoreRules.ErrorsKept)
        {
            _ = session[s_trim].Bind(1, id).Bind(2, n - StoreRules.ErrorsKept).Run();
        }
    }

    public static void Delete(SqliteSession session, JobId id) => session[s_delete].Bind(1, id).Run();
}
