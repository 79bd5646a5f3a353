using System.Text;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The statements that list jobs, newest first. Each says only what its query asks for, so that the server can plan by
/// it.</summary>
internal static class JobList
{
    /// <summary>Adds the statement that reads whole jobs.</summary>
    public static void Ask(SqlBatch batch, JobQuery query) => Bind(batch.Add(Text(query,
        $"{JobColumns.Hot} FROM simmer.job j {JobRecords.HotJoins}", $"{JobColumns.Old} FROM simmer.history j {JobRecords.OldJoins}")),
        query);

    /// <summary>Adds the statement that reads ids only.</summary>
    public static void AskIds(SqlBatch batch, JobQuery query) => Bind(batch.Add(Text(query,
        $"j.id FROM simmer.job j {JobRecords.OldJoins}", $"j.id FROM simmer.history j {JobRecords.OldJoins}")), query);

    private static void Bind(SqlBatch batch, JobQuery query)
    {
        _ = batch.Bind(query.Queue).Bind(query.Kind).Bind(query.Tag is { } tag ? JsonList.Write([tag])![1..^1] : null)
            .Bind(Math.Clamp(query.Limit, 1, 1000));
        _ = query.Before is { } before ? batch.Bind(before) : batch.BindNull(NpgsqlDbType.Uuid);
        _ = batch.Bind(DbTime.Of(query.EnqueuedAfter)).Bind(DbTime.Of(query.EnqueuedBefore));
    }

    private static string Text(JobQuery query, string hot, string old)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("(SELECT ").Append(hot);
        Where(text, query);
        _ = text.Append(") UNION ALL (SELECT ").Append(old);
        Where(text, query);
        return text.Append(")) l ORDER BY 1 DESC LIMIT $4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query)
    {
        // A tag is looked for as it is written, between commas: a cast of tags that are no JSON would fail the whole list. Parameters that
        // ask for nothing must be named all the same, or their types are not known.
        _ = text.Append(" WHERE ($1::text IS NULL OR q.name = $1) AND ($2::text IS NULL OR k.name = $2) AND ($5::uuid IS NULL OR j.id < "
            + "$5) AND ($3::text IS NULL OR position(',' || $3 || ',' IN ',' || trim(BOTH '[]' FROM j.tags) || ',') > 0)"
            + " AND ($6::bigint IS NULL OR j.enqueued_at >= $6) AND ($7::bigint IS NULL OR j.enqueued_at < $7)");
        _ = query.States.Count == 0 ? text : text.Append(" AND j.state IN ").Append(JobStates.SetOf(query.States));
        _ = text.Append(" ORDER BY j.id DESC LIMIT $4");
    }
}
