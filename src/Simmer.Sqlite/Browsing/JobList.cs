using System.Text;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The statements that list jobs, newest first.</summary>
internal static class JobList
{
    /// <summary>The statement that reads whole jobs, with its parameters.</summary>
    public static Statement Jobs(SqliteSession session, JobQuery query) => Bound(session, query, JobColumns.Hot, JobColumns.Old);

    /// <summary>The statement that reads ids only, with its parameters.</summary>
    public static Statement Ids(SqliteSession session, JobQuery query) => Bound(session, query, "j.id", "j.id");

    private static Statement Bound(SqliteSession session, JobQuery query, string hot, string old)
    {
        var statement = new Statement(session, TextOf(query, hot, old));
        _ = statement.Bind(1, query.Queue).Bind(2, query.Kind).Bind(3, query.Tag).Bind(4, Math.Clamp(query.Limit, 1, 1000));
        _ = query.Before is { } before ? statement.Bind(5, before) : statement.BindNull(5);
        _ = statement.Bind(6, DbTime.Of(query.EnqueuedAfter)).Bind(7, DbTime.Of(query.EnqueuedBefore));
        return statement;
    }

    private static string TextOf(JobQuery query, string hot, string old)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("SELECT * FROM (SELECT ").Append(hot).Append(" FROM simmer_job j ").Append(JobRecords.Names);
        Where(text, query);
        _ = text.Append(") UNION ALL SELECT * FROM (SELECT ").Append(old).Append(" FROM simmer_history j ").Append(JobRecords.Names);
        Where(text, query);
        return text.Append(")) ORDER BY 1 DESC LIMIT ?4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query)
    {
        _ = text.Append(" WHERE 1");
        _ = query.Queue is null ? text : text.Append(" AND q.name = ?1");
        _ = query.Kind is null ? text : text.Append(" AND k.name = ?2");
        _ = query.Tag is null
            ? text
            : text.Append(" AND CASE WHEN json_valid(j.tags) THEN EXISTS(SELECT 1 FROM json_each(j.tags) t WHERE t.value = ?3) END");
        _ = query.States.Count == 0 ? text : text.Append(" AND j.state IN ").Append(JobStates.SetOf(query.States));
        _ = query.Before is null ? text : text.Append(" AND j.id < ?5");
        _ = query.EnqueuedAfter is null ? text : text.Append(" AND j.enqueued_at >= ?6");
        _ = query.EnqueuedBefore is null ? text : text.Append(" AND j.enqueued_at < ?7");
        _ = text.Append(" ORDER BY j.id DESC LIMIT ?4");
    }
}
