using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Reads jobs as they are shown, with their errors.</summary>
internal static class JobRecords
{
    /// <summary>Joins the names of queue and kind to a row j. A row whose queue or kind has no name any more is still shown.</summary>
    public const string OldJoins = "LEFT JOIN simmer.queue q ON q.id = j.queue LEFT JOIN simmer.kind k ON k.id = j.kind";

    /// <summary>Joins them to a hot row j, with what the running job has reported.</summary>
    public const string HotJoins = $"{OldJoins} {ProgressRows.Join}";

    private const string ErrorsSql =
        "SELECT job, run, attempt, at, type, message, detail FROM simmer.error WHERE job = ANY($1) ORDER BY job, n";

    /// <summary>Reads the jobs that a statement finds.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ask">Adds the statement; its columns are <see cref="JobColumns.Hot"/> or <see cref="JobColumns.Old"/>.</param>
    /// <param name="query">What is asked for.</param>
    /// <param name="alsoRead">Reads more of each row.</param>
    public static async Task<List<JobRecord>> ReadAsync<TQuery>(Session session, Action<SqlBatch, TQuery> ask, TQuery query,
        Action<NpgsqlDataReader>? alsoRead = null)
    {
        var records = new List<JobRecord>();
        var withErrors = new Dictionary<JobId, int>();
        var batch = session.Batch();
        ask(batch, query);
        await batch.Each(row =>
        {
            var record = JobColumns.ReadRecord(row);
            if (row.GetInt32(JobColumns.Errors.Shown) > 0)
            {
                withErrors[record.Id] = records.Count;
            }

            records.Add(record);
            alsoRead?.Invoke(row);
        }).RunAsync();
        if (withErrors.Count > 0)
        {
            await ReadErrorsAsync(session, records, withErrors);
        }

        return records;
    }

    private static async Task ReadErrorsAsync(Session session, List<JobRecord> records, Dictionary<JobId, int> places)
    {
        var errors = new Dictionary<JobId, List<AttemptError>>();
        await session.Batch().Add(ErrorsSql).BindIds([.. places.Keys], static id => id.Value).Each(row =>
        {
            var id = row.Id(0);
            if (!errors.TryGetValue(id, out var list))
            {
                errors[id] = list = [];
            }

            list.Add(new AttemptError(row.GetInt32(1), row.GetInt32(2), DbTime.Clamped(row.GetInt64(3)), row.GetString(4), row.GetString(5),
                row.TextOrNull(6)));
        }).RunAsync();
        foreach (var (id, list) in errors)
        {
            records[places[id]] = records[places[id]] with { Errors = list };
        }
    }
}
