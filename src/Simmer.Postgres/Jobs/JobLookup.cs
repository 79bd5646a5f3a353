using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Where some jobs are, and who holds some unique keys.</summary>
internal sealed class JobLookup
{
    private const string HotSql = "SELECT id, state, run, owner FROM simmer.job WHERE id = ANY($1)";
    private const string EndedSql = "SELECT id, state FROM simmer.history WHERE id = ANY($1) ORDER BY finished_at";
    private const string KeysSql =
        "SELECT j.kind, j.unique_key, j.id, j.state FROM simmer.job j JOIN unnest($1::int[], $2::text[]) AS k(kind, unique_key) ON "
            + "j.kind = k.kind AND j.unique_key = k.unique_key";

    private const string GivenSql = """
        SELECT g.id, k.name, j.step IS NOT NULL, j.payload <> g.payload FROM unnest($1::uuid[], $2::bytea[]) AS g(id, payload)
            JOIN simmer.job j ON j.id = ANY(ARRAY[g.id]) JOIN simmer.kind k ON k.id = j.kind
        UNION ALL
        SELECT g.id, k.name, h.step IS NOT NULL, h.payload <> g.payload FROM unnest($1::uuid[], $2::bytea[]) AS g(id, payload)
            JOIN simmer.history h ON h.id = ANY(ARRAY[g.id]) JOIN simmer.kind k ON k.id = h.kind
        """;

    private const string WorkflowsSql = "SELECT id FROM simmer.workflow WHERE id = ANY($1)";

    private readonly Dictionary<JobId, (JobState State, int Run, long Owner)> _hot = [];
    private readonly Dictionary<JobId, (string Kind, bool IsStep, bool Differs)> _given = [];
    private readonly HashSet<WorkflowId> _workflows = [];
    private readonly Dictionary<JobId, JobState> _ended = [];
    private readonly Dictionary<(string Kind, string Key), (JobId Id, JobState State)> _holders = [];

    /// <summary>Looks where some jobs are.</summary>
    public static async Task<JobLookup> OfAsync(Session session, params JobId[] ids)
    {
        var rows = new JobLookup();
        var batch = session.Batch();
        rows.Ask(batch, ids);
        await batch.RunAsync();
        return rows;
    }

    public void Ask(SqlBatch batch, JobId[] ids)
    {
        if (ids.Length == 0)
        {
            return;
        }

        // The history last: a job that ends in between is in both answers, and one that is run again was there before.
        _ = batch.Add(HotSql).BindIds(ids, static id => id.Value)
            .Each(row => _hot[row.Id(0)] = (JobStates.Of(row.GetInt16(1)), row.GetInt32(2), row.LongOrZero(3)))
            .Add(EndedSql).BindIds(ids, static id => id.Value).Each(row => _ended[row.Id(0)] = (JobState)row.GetInt16(1));
    }

    /// <summary>Asks what has the ids that callers chose.</summary>
    public void AskGiven(SqlBatch batch, JobDraft[] jobs)
    {
        var given = Array.FindAll(jobs, static job => job.IdGiven);
        if (given.Length > 0)
        {
            _ = batch.Add(GivenSql).BindIds(given, static job => job.Id.Value).BindBytes(given, static job => job.Payload)
                .Each(row => _given[row.Id(0)] = (row.GetString(1), row.GetBoolean(2), row.GetBoolean(3)))
                .Add(WorkflowsSql).BindIds(given, static job => WorkflowId.OfStep(job.Id).Value)
                    .Each(row => _workflows.Add(WorkflowId.OfStep(row.Id(0))));
        }
    }

    /// <summary>Why a job cannot have the id that its caller chose; null: it is free, or the job's own.</summary>
    public string? WhyTaken(JobDraft job) => !job.IdGiven ? null
        : _given.TryGetValue(job.Id, out var present) ? StoreRules.WhyTaken(job, present.Kind, present.IsStep)
        : _workflows.Contains(WorkflowId.OfStep(job.Id)) ? StoreRules.WhyOfWorkflow(job.Id)
        : null;

    /// <summary>Whether what has the id that a caller chose has another payload.</summary>
    public bool HasOtherPayload(JobDraft job) => job.IdGiven && _given.TryGetValue(job.Id, out var present) && present.Differs;

    public void AskKeys(Session session, SqlBatch batch, JobDraft[] jobs)
    {
        var keyed = Array.FindAll(jobs, job => job.UniqueKey is not null && session.Names.KnowsKind(job.Kind));
        if (keyed.Length > 0)
        {
            _ = batch.Add(KeysSql).BindAllInts(keyed, job => session.Names.Kind(job.Kind)).BindTexts(keyed, static job => job.UniqueKey)
                .Each(row => _holders[(session.Names.KindName(row.GetInt32(0)) ?? "", row.GetString(1))] =
                    (row.Id(2), JobStates.Of(row.GetInt16(3))));
        }
    }

    public (JobState State, int Run, long Owner)? Hot(JobId id) => _hot.TryGetValue(id, out var row) ? row : null;

    /// <summary>Whether a job runs under this very lease.</summary>
    public bool Holds(LeaseToken token, WorkerId worker) => RepeatAnswer.WasRefused(token, Found(token.Id), worker);

    /// <summary>What has an id, as the answers to repeats look at it.</summary>
    public FoundJob Found(JobId id) =>
        Hot(id) is var (state, run, owner) ? new FoundJob(state, run, new WorkerId(owner)) : new FoundJob(Ended(id));

    public JobState Ended(JobId id) => _ended.GetValueOrDefault(id);

    public JobState StateOf(JobId id) => Hot(id)?.State ?? Ended(id);

    public (JobId Id, JobState State)? Holder(JobDraft job) =>
        job.UniqueKey is { } key && _holders.TryGetValue((job.Kind, CleanText.Of(key)), out var holder) ? holder : null;
}
