using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Where some jobs are, and who holds some unique keys.</summary>
internal sealed class Whereabouts
{
    private const string HotSql = "SELECT id, state, run, owner FROM simmer.job WHERE id = ANY($1)";
    private const string EndedSql = "SELECT id, state FROM simmer.history WHERE id = ANY($1) ORDER BY finished_at";
    private const string KeysSql = "SELECT j.kind, j.unique_key, j.id, j.state FROM simmer.job j JOIN unnest($1::int[], $2::text[]) AS k(kind, unique_key) ON j.kind = k.kind AND j.unique_key = k.unique_key";

    private readonly Dictionary<JobId, (JobState State, int Run, long Owner)> _hot = [];
    private readonly Dictionary<JobId, JobState> _ended = [];
    private readonly Dictionary<(string Kind, string Key), (JobId Id, JobState State)> _holders = [];

    public void Ask(SqlBatch batch, JobId[] ids)
    {
        if (ids.Length == 0)
        {
            return;
        }

        // The history last: a job that ends in between is in both answers, and one that is run again was there before.
        _ = batch.Add(HotSql).BindIds(ids, static id => id.Value).Each(row => _hot[row.Id(0)] = (PostgresJobStore.Public(row.GetInt16(1)), row.GetInt32(2), row.LongOrZero(3)))
            .Add(EndedSql).BindIds(ids, static id => id.Value).Each(row => _ended[row.Id(0)] = (JobState)row.GetInt16(1));
    }

    public void AskKeys(Session session, SqlBatch batch, JobDraft[] jobs)
    {
        var keyed = Array.FindAll(jobs, job => job.UniqueKey is not null && session.Names.KnowsKind(job.Kind));
        if (keyed.Length > 0)
        {
            _ = batch.Add(KeysSql).BindAllInts(keyed, job => session.Names.Kind(job.Kind)).BindTexts(keyed, static job => job.UniqueKey)
                .Each(row => _holders[(session.Names.KindName(row.GetInt32(0)) ?? "", row.GetString(1))] = (row.Id(2), PostgresJobStore.Public(row.GetInt16(3))));
        }
    }

    public (JobState State, int Run, long Owner)? Hot(JobId id) => _hot.TryGetValue(id, out var row) ? row : null;

    public JobState Ended(JobId id) => _ended.GetValueOrDefault(id);

    public JobState StateOf(JobId id) => Hot(id)?.State ?? Ended(id);

    public (JobId Id, JobState State)? Holder(JobDraft job) => job.UniqueKey is { } key && _holders.TryGetValue((job.Kind, CleanText.Of(key)), out var holder) ? holder : null;
}
