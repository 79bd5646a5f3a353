using System.Globalization;
using System.Text;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The statement that lists jobs.</summary>
internal static class JobList
{
    /// <summary>Its text for a query. Parameters: queue, kind, tag, limit, before.</summary>
    public static string TextOf(JobQuery query)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("SELECT * FROM (SELECT ").Append(JobColumns.Hot).Append(" FROM simmer_job j ").Append(JobRecords.Names);
        Where(text, query, query.State == JobState.Ready ? $"j.state IN {JobStates.Claimable}" : null);
        _ = text.Append(") UNION ALL SELECT * FROM (SELECT ").Append(JobColumns.Old).Append(" FROM simmer_history j ")
            .Append(JobRecords.Names);
        Where(text, query, null);
        return text.Append(")) ORDER BY 1 DESC LIMIT ?4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query, string? state)
    {
        _ = text.Append(" WHERE 1");
        _ = query.Queue is null ? text : text.Append(" AND q.name = ?1");
        _ = query.Kind is null ? text : text.Append(" AND k.name = ?2");
        _ = query.Tag is null
            ? text
            : text.Append(" AND CASE WHEN json_valid(j.tags) THEN EXISTS(SELECT 1 FROM json_each(j.tags) t WHERE t.value = ?3) END");
        _ = query.State is not { } wanted
            ? text
            : text.Append(" AND ").Append(state ?? string.Create(CultureInfo.InvariantCulture, $"j.state = {(int)wanted}"));
        _ = query.Before is null ? text : text.Append(" AND j.id < ?5");
        _ = text.Append(" ORDER BY j.id DESC LIMIT ?4");
    }
}
