using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // What met another of its key is noted as left out. Should the answer get lost, and the other have ended by then, nothing else tells that it was not stored; with the note it is sent once more.
    private const string NoteUnstoredSql = """
        WITH unstored AS (SELECT k.n FROM unnest($3::uuid[], $4::int[]) AS k(id, n) WHERE NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[k.id])))
        UPDATE simmer.flush SET left_out = nullif(array(SELECT n FROM unnest(left_out) AS l(n) WHERE n <> ALL($4) UNION ALL SELECT n FROM unstored), '{}'::int[])
        WHERE worker = $1 AND seq = $2 AND (left_out && $4 OR EXISTS(SELECT 1 FROM unstored))
        """;

    private const string RefusedWithAnother = "Another job of the same call was refused, and they are stored all or none.";

    // A transaction that sees the past may see the ended job's own row as well, which is the older: that is not touched.
    private const string TakeOutSql = "DELETE FROM simmer.job j WHERE j.id = ANY($1) AND j.seq = (SELECT max(m.seq) FROM simmer.job m WHERE m.id = ANY(ARRAY[j.id]))";

    /// <summary>The enqueues of a flush on their way; without a worker nothing is dispatched.</summary>
    private sealed class Storing
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
        private Whereabouts? _endedNow;

        private Doubtful? _doubtful;

        public Storing(IReadOnlyList<EnqueueRequest> requests, long? worker, DateTimeOffset at)
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
                    Reports[i] = Refused(job, new StoreException(RefusedWithAnother));
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
                Reports[i] = Refused(job, StoreFaults.Refusal(refused, part.Count == 1 ? $"job {job.Id} of kind '{job.Kind}'" : "one of the jobs of this call (all or none)"));
            }
        }

        /// <summary>The calls of several that give ids.</summary>
        public List<List<int>> PartsWithGivenIds() => _admitted.Exists(i => _requests[i].Group > 0 && _requests[i].Job.IdGiven) ? [.. Parts().Where(IsCallWithGivenIds)] : [];

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

            var rows = new Whereabouts();
            var batch = session.Batch();
            rows.AskGiven(batch, [.. missing.Select(i => _requests[i].Job)]);
            await batch.RunAsync();
            return RefusesTaken(part, rows);
        }

        private bool RefusesTaken(List<int> part, Whereabouts rows)
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
                Reports[i] = Refused(job, new StoreException(rows.WhyTaken(job) ?? RefusedWithAnother));
            }

            return true;
        }

        public void Insert(Session session, SqlBatch batch) => Insert(session, batch, _admitted);

        /// <summary>The same where a conflict with what is there may fail the statement.</summary>
        /// <param name="session">The transaction.</param>
        /// <param name="batch">Where the statements go.</param>
        /// <param name="except">Jobs that are stored by themselves.</param>
        public void InsertFresh(Session session, SqlBatch batch, List<List<int>> except) =>
            Insert(session, batch, except.Count == 0 ? _admitted : _admitted.Except(except.SelectMany(static part => part)).ToList(), mayFail: true);

        /// <summary>Within the flush, behind the inserts: notes what of it may not be stored and is not.</summary>
        /// <param name="batch">Where the statement goes.</param>
        /// <param name="part">The flush.</param>
        /// <param name="careful">Whether the database may have refused any of them.</param>
        public void NoteUnstored(SqlBatch batch, FlushPart part, bool careful)
        {
            for (var i = 0; i < _requests.Count; i++)
            {
                if (careful || _requests[i].Job.UniqueKey is not null)
                {
                    (_doubtful ??= new Doubtful(part)).Add(_requests[i].Job.Id, i);
                }
            }

            _doubtful?.Note(batch);
        }

        /// <summary>Refuses all if one was refused: whoever stores them all or none undoes the rest.</summary>
        /// <returns>Whether it did.</returns>
        public bool RefusesRest()
        {
            if (Array.TrueForAll(Reports, static r => r.Status != EnqueueStatus.Refused) || Array.TrueForAll(Reports, static r => r.Status == EnqueueStatus.Refused))
            {
                return false;
            }

            for (var i = 0; i < Reports.Length; i++)
            {
                Reports[i] = Reports[i].Status == EnqueueStatus.Refused ? Reports[i] : Refused(_requests[i].Job, new StoreException(RefusedWithAnother));
            }

            return true;
        }

        /// <summary>They are not stored now, and not asked about.</summary>
        public void LeaveOut(List<int> part) => _admitted.RemoveAll(part.Contains);

        /// <summary>Adds the statements for some of the jobs. One after another where an earlier job, if it is stored, forbids a later one to start at once: whether it is a duplicate only the database knows.</summary>
        public void Insert(Session session, SqlBatch batch, List<int> some, bool mayFail = false)
        {
            var rows = new List<Row>(some.Count);
            var tops = new Dictionary<int, Top>();
            foreach (var i in some)
            {
                var (job, wish) = (_requests[i].Job, _requests[i].Dispatch);
                var row = new Row(job, session.Names.Queue(job.Queue), session.Names.Kind(job.Kind), DbTime.Of(job.DueFrom(_at)), DbTime.Of(job.ExpiresFrom(_at)),
                    wish && _worker is not null && job.UniqueKey is null && !(job.ExpiresFrom(_at) <= _at) && job.DueFrom(_at) is null);
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
                    tops[row.Queue] = tops.GetValueOrDefault(row.Queue, Top.None).With(row.Rank, sure: job is { IdGiven: false, UniqueKey: null });
                }

                rows.Add(row);
            }

            Insert(session, batch, rows, mayFail);
        }

        private void Insert(Session session, SqlBatch batch, List<Row> rows, bool mayFail)
        {
            if (rows.Count == 0)
            {
                return;
            }

            var queues = rows.Where(static r => r.Wants).Select(static r => r.Queue).Distinct().ToArray();
            var given = rows.Exists(static r => r.Job.IdGiven);
            var fresh = mayFail && !given && !rows.Exists(static r => r.Job.UniqueKey is not null);
            _ = batch.Add(queues.Length > 0 ? (given ? DispatchGivenSql : fresh ? DispatchFreshSql : DispatchSql) : given ? InsertGivenSql : fresh ? InsertFreshSql : InsertSql).Bind(DbTime.Of(_at));
            _ = queues.Length > 0 ? batch.Bind(_worker).Bind(queues) : batch.BindNull(NpgsqlDbType.Bigint).BindNull(NpgsqlDbType.Array | NpgsqlDbType.Integer);
            BindRows(batch, rows);
            if (queues.Length > 0)
            {
                var marks = Array.ConvertAll(queues, queue => Look(session, queue));
                _ = batch.BindAllInts(marks, static m => m.Rank).BindAllLongs(marks, static m => m.Seq);
            }

            _ = batch.Each(Stored);
            if (given)
            {
                _ = batch.Add(TakeBackSql).BindIds(rows.FindAll(static r => r.Job.IdGiven), static r => r.Job.Id.Value).Bind(DbTime.Of(_at)).Each(row => TakenBack(row.Id(0), (JobState)row.GetInt16(1)));
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
        public async Task TakeBackAsync(Session session, Func<JobDraft[], Task<Whereabouts>> endedNow)
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

        /// <summary>After the commit: answers, and looks up who was there before. What the claims of the same flush have met was ready when the jobs were stored.</summary>
        /// <param name="session">The session.</param>
        /// <param name="claiming">The claims of the flush; null: it is all within the transaction of a caller, which has yet to
        /// commit.</param>
        public async Task ResolveAsync(Session session, Claiming? claiming)
        {
            var missing = Answer(_admitted);

            // Whoever stood in the way may be gone by the time it is looked for; then the job is simply stored.
            for (var attempt = 0; missing.Count > 0; attempt++)
            {
                var rows = new Whereabouts();
                var batch = session.Batch();
                var jobs = missing.ConvertAll(i => _requests[i].Job).ToArray();
                rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
                rows.AskGiven(batch, jobs);
                rows.AskKeys(session, batch, jobs);
                await batch.RunAsync();
                var again = missing.FindAll(i => !TryExplain(session, i, rows, claiming));
                if (again.Count == 0)
                {
                    return;
                }

                if (attempt == 3)
                {
                    again.ForEach(i => Reports[i] = Refused(_requests[i].Job, new StoreException($"Job {_requests[i].Job.Id} of kind '{_requests[i].Job.Kind}' is not stored: others with its id or unique key came and went, or are not committed yet. Try it once more.", isTransient: true)));
                    return;
                }

                batch = claiming is null ? session.Batch() : Session.Begin(session.Batch(), s_flushLockTimeout);
                Insert(session, batch, again.ConvertAll(i => new Row(_requests[i].Job, session.Names.Queue(_requests[i].Job.Queue), session.Names.Kind(_requests[i].Job.Kind),
                    DbTime.Of(_requests[i].Job.DueFrom(_at)), DbTime.Of(_requests[i].Job.ExpiresFrom(_at)), Wants: false)), mayFail: false);
                _doubtful?.Note(batch);
                if (claiming is not null)
                {
                    _ = batch.Add("COMMIT");
                }

                missing = await TryAgainAsync(session, batch, isCallers: claiming is null) ? Answer(again) : again;
            }
        }

        /// <summary>Stores once more, after the commit of the flush, what found nobody in its way any more.</summary>
        /// <param name="session">The session.</param>
        /// <param name="batch">The inserts, in a transaction of their own.</param>
        /// <param name="isCallers">Whether it is all within the transaction of a caller, which a failure ends.</param>
        /// <returns>Whether it was carried out: no, if a transaction that is not committed yet holds an id or a key. The answer to the flush must not get lost for that, because a repeat cannot
        /// tell whose a job is that was stored meanwhile.</returns>
        private async Task<bool> TryAgainAsync(Session session, SqlBatch batch, bool isCallers)
        {
            try
            {
                await batch.RunAsync();
                return true;
            }
            catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable && !isCallers)
            {
                await session.RollBackAsync();
                _stored.Clear();
                return false;
            }
        }

        /// <summary>Answers for what was stored.</summary>
        /// <returns>The rest.</returns>
        private List<int> Answer(List<int> some)
        {
            var missing = new List<int>();
            foreach (var i in some)
            {
                var job = _requests[i].Job;
                if (_stored.Remove(job.Id, out var row))
                {
                    Reports[i] = new EnqueueReport(row.State == JobState.Running ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, row.State);
                    if (row.State == JobState.Ready)
                    {
                        _ = ReadyQueues.Add(row.Queue);
                    }
                }
                else
                {
                    missing.Add(i);
                }
            }

            return missing;
        }

        private bool TryExplain(Session session, int i, Whereabouts rows, Claiming? claiming)
        {
            var job = _requests[i].Job;
            if ((rows.WhyTaken(job) ?? _endedNow?.WhyTaken(job)) is { } why)
            {
                Reports[i] = Refused(job, new StoreException(why));
                return true;
            }

            var state = _ended is not null && _ended.TryGetValue(job.Id, out var ended) ? ended : job.IdGiven || rows.Hot(job.Id) is not null ? rows.StateOf(job.Id) : JobState.Unknown;
            if (state != JobState.Unknown)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, job.Id, claiming?.HasMet(job.Id) == true ? JobState.Ready : state)
                {
                    HasOtherPayload = rows.HasOtherPayload(job) || _endedNow?.HasOtherPayload(job) == true,
                };
                return true;
            }

            // A claim of the same flush may have released the key since.
            if (claiming?.MetHolder(session, job) is { } met)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, met, JobState.Ready);
                return true;
            }

            if (rows.Holder(job) is { } holder)
            {
                Reports[i] = new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, claiming?.HasMet(holder.Id) == true ? JobState.Ready : holder.State);
                return true;
            }

            return false;
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

    /// <summary>Enqueues of a flush that may not be stored although it is committed; most flushes have none.</summary>
    private sealed class Doubtful(FlushPart part)
    {
        private readonly IReadOnlyList<int> _numbers = part.EnqueueNumbers;
        private readonly List<(JobId Id, int Number)> _enqueues = [];

        public void Add(JobId id, int place) => _enqueues.Add((id, _numbers[place]));

        public void Note(SqlBatch batch) => batch.Add(NoteUnstoredSql).Bind(part.Flush.Worker.Value).Bind(part.Flush.Sequence)
            .BindIds(_enqueues, static e => e.Id.Value).BindAllInts(_enqueues, static e => e.Number);
    }
}
