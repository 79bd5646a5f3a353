using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // A transaction that sees the past may see the ended job's own row as well, which is the older: that is not touched.
    private const string TakeOutSql =
        "DELETE FROM simmer.job j WHERE j.id = ANY($1) AND j.seq = (SELECT max(m.seq) FROM simmer.job m WHERE m.id = ANY(ARRAY[j.id]))";

    /// <summary>The enqueues of a flush on their way; without a worker nothing is dispatched.</summary>
    private sealed partial class EnqueueBatch
    {
        private readonly IReadOnlyList<EnqueueRequest> _requests;
        private readonly long? _worker;
        private readonly DateTimeOffset _at;
        private readonly List<int> _admitted;
        private readonly Dictionary<JobId, (JobState State, int Queue)> _stored = [];

        /// <summary>The queues whose ready rows were looked at from the front, with the last rank that was let start.</summary>
        private readonly Dictionary<int, int?> _looks = [];

        /// <summary>Jobs that were inserted, proved to have ended before, and were taken out again in the same transaction.</summary>
        private Dictionary<JobId, JobState>? _ended;

        /// <summary>How they had ended, where the transaction itself cannot see it.</summary>
        private JobLookup? _endedNow;

        private Doubtful? _doubtful;

        /// <summary>Jobs that wait for another transaction: whether they can be stored is not known yet.</summary>
        private List<int>? _waiting;

        public EnqueueBatch(IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset at)
        {
            (_requests, _worker, _at) = (requests, worker, at);
            Reports = requests.Count == 0 ? [] : new EnqueueReport[requests.Count];
            _admitted = new List<int>(requests.Count);
            var refused = RefusedGroups(requests);
            for (var i = 0; i < requests.Count; i++)
            {
                var (job, group) = (requests[i].Job, requests[i].Group);
                if (StoreRules.WhyRefused(job) is { } why)
                {
                    Reports[i] = Refused(job, new StoreException(why));
                }
                else if (group > 0 && refused?.Contains(group) == true)
                {
                    Reports[i] = Refused(job, new StoreException(StoreRules.RefusedWithAnother));
                }
                else
                {
                    _admitted.Add(i);
                }
            }
        }

        public EnqueueReport[] Reports { get; }

        /// <summary>The queues with new jobs that others may claim.</summary>
        public HashSet<int> ReadyQueues { get; } = [];

        /// <summary>What is stored or refused together: a job, or the jobs of one call.</summary>
        public IEnumerable<List<int>> Parts()
        {
            var parts = new List<List<int>>();
            var groups = new Dictionary<int, List<int>>();
            foreach (var i in _admitted)
            {
                if (_requests[i].Group is > 0 and var group && groups.TryGetValue(group, out var part))
                {
                    part.Add(i);
                    continue;
                }

                parts.Add([i]);
                if (_requests[i].Group > 0)
                {
                    groups[_requests[i].Group] = parts[^1];
                }
            }

            return parts;
        }

        public JobId IdOf(List<int> part) => _requests[part[0]].Job.Id;

        public void Refuse(List<int> part, Exception refused)
        {
            _admitted.RemoveAll(part.Contains);
            foreach (var i in part)
            {
                var job = _requests[i].Job;
                Reports[i] = Refused(job,
                    StoreFaults.Refusal(refused,
                    part.Count == 1 ? $"job {job.Id} of kind '{job.Kind}'" : "one of the jobs of this call (all or none)"));
            }
        }

        /// <summary>Whether any call of several gives ids.</summary>
        public bool HasCallsWithGivenIds => _admitted.Exists(i => _requests[i].Group > 0 && _requests[i].Job.IdGiven);

        public bool IsCallWithGivenIds(List<int> part) => _requests[part[0]].Group > 0 && part.Exists(i => _requests[i].Job.IdGiven);

        /// <summary>Refuses jobs that are stored or refused together if one of them cannot have the id that its caller chose. What was
        /// inserted of them is to be undone.</summary>
        public async Task<bool> RefusesTakenAsync(Session session, List<int> part)
        {
            var missing = part.FindAll(i => _requests[i].Job.IdGiven && !_stored.ContainsKey(_requests[i].Job.Id));
            if (missing.Count == 0)
            {
                return false;
            }

            var rows = new JobLookup();
            var batch = session.Batch();
            rows.AskGiven(batch, [.. missing.Select(i => _requests[i].Job)]);
            await batch.RunAsync();
            return RefusesTaken(part, rows);
        }

        private bool RefusesTaken(List<int> part, JobLookup rows)
        {
            if (!part.Exists(i => rows.WhyTaken(_requests[i].Job) is not null))
            {
                return false;
            }

            _ = _admitted.RemoveAll(part.Contains);
            foreach (var i in part)
            {
                var job = _requests[i].Job;
                _ = _stored.Remove(job.Id);
                Reports[i] = Refused(job, new StoreException(rows.WhyTaken(job) ?? StoreRules.RefusedWithAnother));
            }

            return true;
        }

        public void Insert(Session session, SqlBatch batch) => Insert(session, batch, _admitted);

        /// <summary>The same where a conflict with what is there may fail the statement.</summary>
        /// <param name="session">The transaction.</param>
        /// <param name="batch">Where the statements go.</param>
        /// <param name="some">Some of the jobs; null: all.</param>
        public void InsertFresh(Session session, SqlBatch batch, List<int>? some = null) =>
            Insert(session, batch, some ?? _admitted, mayFail: true);

        /// <summary>Within the flush, behind the inserts: notes what of it may not be stored and is not.</summary>
        /// <param name="session">The transaction.</param>
        /// <param name="batch">Where the statement goes.</param>
        /// <param name="part">The flush.</param>
        /// <param name="careful">Whether the database may have refused any of them.</param>
        public void NoteUnstored(Session session, SqlBatch batch, FlushPart part, bool careful)
        {
            for (var i = 0; i < _requests.Count; i++)
            {
                var job = _requests[i].Job;
                var refused = Reports[i] is { Status: EnqueueStatus.Refused };
                if ((careful || refused || job.IdGiven || job.UniqueKey is not null) && _waiting?.Contains(i) != true)
                {
                    (_doubtful ??= new Doubtful(part)).Add(job, i, refused);
                }
            }

            _doubtful?.Note(batch, session.Names);
        }

        /// <summary>Refuses all if one was refused: whoever stores them all or none undoes the rest.</summary>
        /// <returns>Whether it did.</returns>
        public bool RefusesRest()
        {
            if (Array.TrueForAll(Reports, static r => r.Status != EnqueueStatus.Refused) || Array
                .TrueForAll(Reports, static r => r.Status == EnqueueStatus.Refused))
            {
                return false;
            }

            for (var i = 0; i < Reports.Length; i++)
            {
                Reports[i] = Reports[i].Status == EnqueueStatus.Refused
                    ? Reports[i]
                    : Refused(_requests[i].Job, new StoreException(StoreRules.RefusedWithAnother));
            }

            return true;
        }

        /// <summary>They are not stored now, and not asked about.</summary>
        public void LeaveOut(List<int> part)
        {
            _ = _admitted.RemoveAll(part.Contains);
            (_waiting ??= []).AddRange(part);
        }

        /// <summary>Adds the statements for some of the jobs. One after another where an earlier job, if it is stored, forbids a later one
        /// to start at once: whether it is a duplicate only the database knows.</summary>
        public void Insert(Session session, SqlBatch batch, List<int> some, bool mayFail = false)
        {
            var rows = new List<JobRow>(some.Count);
            var tops = new Dictionary<int, Top>();
            foreach (var i in some)
            {
                var (job, mayDispatch) = (_requests[i].Job, _requests[i].Dispatch);
                var row = new JobRow(job, session.Names.Queue(job.Queue), session.Names.Kind(job.Kind), DbTime.Of(job.DueFrom(_at)),
                    DbTime.Of(job.ExpiresFrom(_at)),
                    mayDispatch && _worker is not null && job.UniqueKey is null && !(job.ExpiresFrom(_at) <= _at) && job
                        .DueFrom(_at) is null);
                var top = tops.GetValueOrDefault(row.Queue, Top.None);
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
                    tops[row.Queue] = tops.GetValueOrDefault(row.Queue, Top.None)
                        .With(row.Rank, sure: job is { IdGiven: false, UniqueKey: null });
                }

                rows.Add(row);
            }

            Insert(session, batch, rows, mayFail);
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
            _ = batch.Add(queues.Length > 0
                ? (given ? s_dispatchGiven : fresh ? s_dispatchFresh : s_dispatch)
                : given
                ? s_insertGiven
                : fresh
                ? s_insertFresh
                : s_insert).Bind(DbTime.Of(_at));
            _ = queues.Length > 0
                ? batch.Bind(_worker).Bind(queues)
                : batch.BindNull(NpgsqlDbType.Bigint).BindNull(NpgsqlDbType.Array | NpgsqlDbType.Integer);
            JobColumns.BindDrafts(batch, rows);
            _ = batch.BindFlags(rows, static r => r.Job.IdGiven).BindFlags(rows, static r => r.Wants);
            if (queues.Length > 0)
            {
                var marks = Array.ConvertAll(queues, queue => Look(session, queue));
                _ = batch.BindAllInts(marks, static m => m.Rank).BindAllLongs(marks, static m => m.Seq);
            }

            _ = batch.Each(Stored);
            if (given)
            {
                _ = batch.Add(TakeBackSql).BindIds(rows.FindAll(static r => r.Job.IdGiven), static r => r.Job.Id.Value).Bind(DbTime.Of(_at))
                    .Each(row => TakenBack(row.Id(0), (JobState)row.GetInt16(1)));
            }

            foreach (var row in rows)
            {
                if (row.Due is null)
                {
                    session.LowWater.New(row.Queue, row.Rank);
                }
            }
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

        /// <summary>Takes out again what has ended under its id, where the transaction sees the past: no statement of its own finds
        /// that.</summary>
        /// <param name="session">The transaction.</param>
        /// <param name="endedNow">Tells of jobs how they have ended, as it is now.</param>
        public async Task TakeBackAsync(Session session, Func<JobDraft[], Task<JobLookup>> endedNow)
        {
            var given = _admitted.Select(i => _requests[i].Job).Where(job => job.IdGiven && _stored.ContainsKey(job.Id)).ToArray();
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

            await session.Batch().Add(TakeOutSql).BindIds(ended, static job => job.Id.Value).RunAsync();
            Array.ForEach(ended, job => TakenBack(job.Id, rows.Ended(job.Id)));
            _endedNow = rows;
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

        /// <summary>After the commit: the marks hear of the looks from the front.</summary>
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

        private static HashSet<int>? RefusedGroups(IReadOnlyList<EnqueueRequest> requests)
        {
            HashSet<int>? refused = null;
            foreach (var request in requests)
            {
                if (request.Group > 0 && StoreRules.WhyRefused(request.Job) is not null)
                {
                    _ = (refused ??= []).Add(request.Group);
                }
            }

            return refused;
        }
    }
}
