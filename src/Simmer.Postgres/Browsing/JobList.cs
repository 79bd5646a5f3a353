using System.Globalization;
using System.Text;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The statement that lists jobs, newest first: it says only what the query asks for, so that the server can plan by it.</summary>
internal static class JobList
{
    private static readonly string s_ready = $"j.state IN {JobStates.Claimable}";

    public static void Ask(SqlBatch batch, JobQuery query)
    {
        _ = batch.Add(Text(query)).Bind(query.Queue).Bind(query.Kind)
            .Bind(query.Tag is { } tag ? JsonList.Write([tag])![1..^1] : null)
            .Bind(Math.Clamp(query.Limit, 1, 1000));
        _ = query.Before is { } before ? batch.Bind(before) : batch.BindNull(NpgsqlDbType.Uuid);
    }

    private static string Text(JobQuery query)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("(SELECT ").Append(JobColumns.Hot).Append(" FROM simmer.job j ").Append(JobRecords.HotJoins);
        Where(text, query, query.State == JobState.Ready ? s_ready : null);
        _ = text.Append(") UNION ALL (SELECT ").Append(JobColumns.Old).Append(" FROM simmer.history j ").Append(JobRecords.OldJoins);
        Where(text, query, null);
        return text.Append(")) l ORDER BY 1 DESC LIMIT $4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query, string? state)
    {
        // A tag is looked for as it is written, between commas: a cast of tags that are no JSON would fail the whole list. Parameters that
        // ask for nothing must be named all the same, or their types are not known.
        _ = text.Append(" WHERE ($1::text IS NULL OR q.name = $1) AND ($2::text IS NULL OR k.name = $2) AND ($5::uuid IS NULL OR j.id < "
            + "$5) AND ($3::text IS NULL OR position(',' || $3 || ',' IN ',' || trim(BOTH '[]' FROM j.tags) || ',') > 0)");
        _ = query.State is not { } wanted
            ? text
            : text.Append(" AND ").Append(state ?? string.Create(CultureInfo.InvariantCulture, $"j.state = {(int)wanted}"));
        _ = text.Append(" ORDER BY j.id DESC LIMIT $4");
    }
}
