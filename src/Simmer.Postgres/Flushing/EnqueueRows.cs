using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Inserts the jobs of some enqueues, and keeps what the database answered until the reports are made.</summary>
/// <param name="requests">The enqueues.</param>
/// <param name="worker">Who starts those that may start at once; null: nobody.</param>
/// <param name="at">The present time.</param>
internal sealed class EnqueueRows(IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset at)
{
    private readonly Dictionary<JobId, (JobState State, int Queue)> _stored = [];

    /// <summary>The queues whose ready rows were looked at from the front, with the last rank that was let start.</summary>
    private readonly Dictionary<int, int?> _looks = [];

    /// <summary>Jobs that were inserted, proved to have ended before, and were taken out again in the same transaction.</summary>
    private Dictionary<JobId, JobState>? _ended;

    /// <summary>What another connection found of jobs that have ended, where the transaction itself cannot see it; null: nothing.</summary>
    public JobLookup? EndedNow { get; private set; }

    public bool IsStored(JobId id) => _stored.ContainsKey(id);

    /// <summary>The insert of this job is undone.</summary>
    public void Forget(JobId id) => _stored.Remove(id);

    /// <summary>All inserts are undone.</summary>
    public void Forget() => _stored.Clear();

    /// <summary>Takes the answer about a job that was stored.</summary>
    public bool TryTake(JobId id, out JobState state, out int queue)
    {
        var isStored = _stored.Remove(id, out var row);
        (state, queue) = row;
        return isStored;
    }

    /// <summary>How a job had ended that was taken out again; unknown: it was not.</summary>
    public JobState Ended(JobId id) => _ended?.GetValueOrDefault(id) ?? JobState.Unknown;

    /// <summary>Adds the statements for some of the jobs. One after another where an earlier job, if it is stored, forbids a later one
    /// to start at once: whether it is a duplicate only the database knows.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="some">The places of the jobs.</param>
    /// <param name="mayFail">Whether a conflict with what is there may fail the statement.</param>
    public void Insert(Session session, SqlBatch batch, List<int> some, bool mayFail = false)
    {
        var rows = new List<JobRow>(some.Count);
        var tops = new Dictionary<int, BestRank>();
        foreach (var i in some)
        {
            var row = RowOf(session, i, mayDispatch: true);
            var job = row.Job;
            var top = tops.GetValueOrDefault(row.Queue, BestRank.None);
            if (row.Wants && row.Rank >= top.Sure)
            {
                row = row with { Wants = false };
            }
            else if (row.Wants && row.Rank >= top.Unsure)
            {
                Insert(session, batch, rows, mayFail);
                (rows, tops) = ([], []);
            }

            if (!row.Wants && row.Due is null)
            {
                tops[row.Queue] = tops.GetValueOrDefault(row.Queue, BestRank.None)
                    .With(row.Rank, sure: job is { IdGiven: false, UniqueKey: null });
            }

            rows.Add(row);
        }

        Insert(session, batch, rows, mayFail);
    }

    /// <summary>Adds the statements for jobs that do not start at once.</summary>
    public void InsertReady(Session session, SqlBatch batch, List<int> some) =>
        Insert(session, batch, some.ConvertAll(i => RowOf(session, i, mayDispatch: false)), mayFail: false);

    /// <summary>Takes out again what has ended under its id, where the transaction sees the past: no statement of its own finds
    /// that.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="some">The places of the jobs.</param>
    /// <param name="endedNow">Tells of jobs how they have ended, as it is now.</param>
    public async Task TakeOutEndedAsync(Session session, List<int> some, Func<JobDraft[], Task<JobLookup>> endedNow)
    {
        var given = some.Select(i => requests[i].Job).Where(job => job.IdGiven && _stored.ContainsKey(job.Id)).ToArray();
        if (given.Length == 0)
        {
            return;
        }

        var rows = await endedNow(given);
        var ended = Array.FindAll(given, job => rows.Ended(job.Id) != JobState.Unknown);
        if (ended.Length == 0)
        {
            return;
        }

        await JobInsert.TakeOutAsync(session, ended);
        Array.ForEach(ended, job => TakenBack(job.Id, rows.Ended(job.Id)));
        EndedNow = rows;
    }

    /// <summary>Called after the commit. Reports the looks from the front to the low-water marks.</summary>
    /// <param name="lowWater">The marks.</param>
    /// <param name="since">When the flush began.</param>
    public void Looked(LowWater lowWater, long since)
    {
        foreach (var (queue, rank) in _looks)
        {
            if (rank is { } started)
            {
                lowWater.Looked(queue, started, since);
            }
        }
    }

    private JobRow RowOf(Session session, int place, bool mayDispatch)
    {
        var job = requests[place].Job;
        var (due, expires) = (DbTime.Of(job.DueFrom(at)), job.ExpiresFrom(at));
        return new JobRow(job, session.Names.Queue(job.Queue), session.Names.Kind(job.Kind), due, DbTime.Of(expires),
            worker is not null && due is null && Storage.Decisions.Admission.MayTry(mayDispatch && requests[place].Dispatch, job,
                expires <= at));
    }

    private void Insert(Session session, SqlBatch batch, List<JobRow> rows, bool mayFail)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var queues = rows.Where(static r => r.Wants).Select(static r => r.Queue).Distinct().ToArray();
        var given = rows.Exists(static r => r.Job.IdGiven);
        var fresh = mayFail && !given && !rows.Exists(static r => r.Job.UniqueKey is not null);
        _ = batch.Add(JobInsert.Text(queues.Length > 0, given, fresh)).Bind(DbTime.Of(at));
        _ = queues.Length > 0
            ? batch.Bind(worker).Bind(queues)
            : batch.BindNull(NpgsqlDbType.Bigint).BindNull(NpgsqlDbType.Array | NpgsqlDbType.Integer);
        DraftArrays.Bind(batch, rows);
        if (queues.Length > 0)
        {
            var marks = Array.ConvertAll(queues, queue => Look(session, queue));
            _ = batch.BindAllInts(marks, static m => m.Rank).BindAllLongs(marks, static m => m.Seq);
        }

        _ = batch.Each(Stored);
        if (given)
        {
            JobInsert.TakeBack(batch, rows.FindAll(static r => r.Job.IdGiven), at, TakenBack);
        }

        foreach (var row in rows)
        {
            if (row.Due is null)
            {
                session.LowWater.New(row.Queue, row.Rank);
            }
        }
    }

    private (int Rank, long Seq) Look(Session session, int queue)
    {
        var mark = session.LowWater.OfLook(queue, out var whole);
        if (whole)
        {
            _ = _looks.TryAdd(queue, null);
        }

        return mark;
    }

    private void Stored(NpgsqlDataReader row)
    {
        var (state, queue) = ((JobState)row.GetInt16(1), row.GetInt32(2));
        _stored[row.Id(0)] = (state, queue);
        if (state == JobState.Running && _looks.TryGetValue(queue, out var rank))
        {
            _looks[queue] = Math.Max(rank ?? int.MinValue, row.GetInt32(3));
        }
    }

    private void TakenBack(JobId id, JobState ended)
    {
        _ = _stored.Remove(id);
        (_ended ??= [])[id] = ended;
    }
}
