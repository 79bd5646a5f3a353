using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string Takes =
        "j.state = 3 AND j.kind = ANY($3) AND (j.rank, j.seq) >= ($4, $5) AND (SELECT NOT q.paused FROM simmer.queue q WHERE q.id = $1)";
    private const string TakesSuspect = "j.state = 9 AND j.kind = ANY($3) AND (SELECT NOT q.paused FROM simmer.queue q WHERE q.id = $1)";

    // Materialised and joined: the forms that the planner may turn into a scan fall to a tenth, with stalls of seconds. A key that is held
    // while its job waits is released for good: if its return could take it back, a rescue could fail on a job that holds it meanwhile.
    // What has expired is only reported, and ended after the commit.
    private const string Start = """
        , started AS (
          UPDATE simmer.job j SET state = 4, run = j.run + 1, owner = $6, started_at = $7, version = j.version + 1, unique_key = CASE
              WHEN j.held_while = 1 THEN NULL ELSE j.unique_key END
          FROM best WHERE j.id = ANY(ARRAY[best.id]) AND NOT best.expired)
        SELECT * FROM best
        """;

    private const string Expired = "coalesce(j.expires_at <= $7 AND j.run = j.forgiven, false) AS expired";

    private static readonly string s_claim = $"""
        WITH best AS MATERIALIZED (
          SELECT {JobColumns.Claimed}, {Expired} FROM simmer.job j WHERE j.queue = $1 AND {Takes} ORDER BY j.rank, j.seq LIMIT $2
              FOR UPDATE SKIP LOCKED)
        {Start}
        """;

    // Suspects in their places, up to the first for which there is no room: none that comes later overtakes it, or one of a high level
    // would wait for ever for those of lower ones.
    private static readonly string s_claimWithSuspects = $"""
        WITH ready AS MATERIALIZED (
          SELECT {JobColumns.Claimed}, {Expired} FROM simmer.job j WHERE j.queue = $1 AND {Takes} ORDER BY j.rank, j.seq LIMIT $2
              FOR UPDATE SKIP LOCKED),
        suspect AS MATERIALIZED (
          SELECT {JobColumns.Claimed}, {Expired} FROM simmer.job j WHERE j.queue = $1 AND {TakesSuspect} ORDER BY j.rank, j.seq LIMIT $8
              FOR UPDATE SKIP LOCKED),
        taken AS (SELECT * FROM suspect s
            WHERE (SELECT $9 + count(*) - 1 <= $10 >> greatest($11, max(b.suspicion)) FROM suspect b
            WHERE (b.rank, b.seq) <= (s.rank, s.seq))),
        best AS MATERIALIZED (SELECT * FROM (SELECT * FROM ready UNION ALL SELECT * FROM taken) j ORDER BY j.rank, j.seq LIMIT $2)
        {Start}
        """;

    // The same while some rows are left alone; and for one row that was found before.
    private static readonly string s_claimAvoiding = Avoiding(s_claim, "$8");
    private static readonly string s_claimWithSuspectsAvoiding = Avoiding(s_claimWithSuspects, "$12");
    private static readonly string s_claimOne = $"""
        WITH best AS MATERIALIZED (
          SELECT {JobColumns.Claimed}, {Expired} FROM simmer.job j WHERE j.id = $2 AND j.state IN (3, 9)
              AND (SELECT NOT q.paused FROM simmer.queue q WHERE q.id = $1) FOR UPDATE SKIP LOCKED)
        {Start}
        """.Replace("$6", "$3", StringComparison.Ordinal).Replace("$7", "$4", StringComparison.Ordinal);

    private static string Avoiding(string sql, string avoided) =>
        sql.Replace("AND j.kind = ANY($3)", $"AND j.kind = ANY($3) AND j.id <> ALL({avoided})", StringComparison.Ordinal);

    /// <summary>Adds a claim a queue.</summary>
    private async Task ClaimAsync(Session session, SqlBatch batch, ClaimBatch claiming, bool careful)
    {
        session.Steps.Lower(_lowWater);
        if (careful)
        {
            await batch.RunAsync();
        }

        var avoided = _avoided.Present(claiming.Now);
        var maySuspect = _suspects.MayExist;
        foreach (var request in claiming.Flush.Claims)
        {
            if (request.Count <= 0 || !_names.KnowsQueue(request.Queue))
            {
                continue;
            }

            var suspects = maySuspect ? request.Suspects : 0;
            await (careful
                ? ClaimCarefullyAsync(session, claiming, _names.Queue(request.Queue), request.Queue, request.Count, suspects)
                : claiming.AddAsync(session, batch, _names.Queue(request.Queue), request.Count, suspects, avoided));
        }
    }

    /// <summary>Ends jobs that a claim met when they had expired, and looks again for as many others. In a transaction of its own: the
    /// claims are committed.</summary>
    private async Task<IReadOnlyList<JobId>> ExpireMetAsync(Session session, ClaimBatch claiming, DateTimeOffset now)
    {
        if (claiming.TakeExpired() is not { Count: > 0 } met)
        {
            return [];
        }

        var again = SessionOn(session.Connection);
        await Session.Begin(again.Batch(), _options.LockTimeout).RunAsync();
        var all = new List<JobId>();
        while (met.Count > 0)
        {
            all.AddRange(met.Select(static m => m.Id));
            foreach (var queue in met.GroupBy(static m => m.Queue))
            {
                await ClaimCarefullyAsync(again, claiming, queue.Key, again.Names.QueueName(queue.Key) ?? "", queue.Count(),
                    claiming.SuspectsLeft(queue.Key), all);
            }

            met = claiming.TakeExpired();
        }

        // What follows from their end may be claimed by the next flush, as what follows from any other.
        var expired = await ExpireAsync(again, all, now);
        await again.Batch().Add("COMMIT").RunAsync();
        Announce(again.Steps);
        session.Steps.Join(again.Steps);
        return expired;
    }

    private ClaimBatch ClaimingOf(Flush flush, DateTimeOffset now)
    {
        return new ClaimBatch(flush, _claimedKinds.Of(flush.Kinds), now, _clock.GetTimestamp());
    }

    /// <summary>The claims of a flush on their way.</summary>
    /// <param name="flush">The flush.</param>
    /// <param name="kinds">Its kinds.</param>
    /// <param name="now">The present time.</param>
    /// <param name="began">When it began, on the store's monotonic clock.</param>
    private sealed class ClaimBatch(Flush flush, KnownKinds kinds, DateTimeOffset now, long began)
    {
        private readonly List<ClaimRow> _rows = [];
        private readonly List<int> _order = [];
        private readonly HashSet<int> _walked = [];
        private readonly Dictionary<int, int> _suspectsLeft = [];
        private SuspectRoom _room = flush.Suspects;
        private List<(JobId Id, int Queue)> _expired = [];

        public Flush Flush => flush;

        public DateTimeOffset Now => now;

        /// <summary>The kinds that may be claimed, by number.</summary>
        public int[] Kinds => kinds.Numbers;

        public int Count => _rows.Count;

        /// <summary>Rows that were claimed and cannot be read.</summary>
        public List<ClaimRow> Unreadable { get; } = [];

        /// <summary>What is left alone for a while, with the reason.</summary>
        public List<SetAsideJob> IsAside { get; } = [];

        public void SetAside(string job, string reason, TimeSpan rest) =>
            IsAside.Add(new SetAsideJob(job, reason, StoreRules.KeepUntil(now, rest)));

        /// <summary>How much has been claimed by now, for <see cref="Undo"/>.</summary>
        public (int Rows, int Unreadable, int Expired, SuspectRoom Room) Mark() => (_rows.Count, Unreadable.Count, _expired.Count, _room);

        /// <summary>What was claimed since was undone; its rows may have come up before the error did.</summary>
        public void Undo((int Rows, int Unreadable, int Expired, SuspectRoom Room) mark)
        {
            _rows.RemoveRange(mark.Rows, _rows.Count - mark.Rows);
            Unreadable.RemoveRange(mark.Unreadable, Unreadable.Count - mark.Unreadable);
            _expired.RemoveRange(mark.Expired, _expired.Count - mark.Expired);
            _room = mark.Room;
        }

        /// <summary>How many suspects of a queue may still be taken.</summary>
        public int SuspectsLeft(int queue) => Math.Max(0, _suspectsLeft.GetValueOrDefault(queue));

        /// <summary>Whether a suspect of any level may be taken: none is here.</summary>
        public bool HasRoomForAnySuspect => _room is { Slots: > 0, Held: 0 };

        /// <summary>Adds a claim of a queue. Where suspects may be taken it is sent at once: what it takes is no room for the
        /// next.</summary>
        public async Task AddAsync(Session session, SqlBatch batch, int queue, int count, int suspects, Guid[] avoided)
        {
            suspects = Math.Min(suspects, _room.Most);
            Add(session, batch, queue, count, suspects, avoided);
            if (suspects > 0)
            {
                _suspectsLeft[queue] = suspects;
                await batch.RunAsync();
            }
        }

        /// <summary>Claims one row that was found before.</summary>
        public void AddOne(Session session, SqlBatch batch, int queue, JobId id)
        {
            NoteQueue(queue);
            _ = batch.Add(s_claimOne).Bind(queue).Bind(id).Bind(flush.Worker.Value).Bind(DbTime.Of(now))
                .Each(row => Take(session, queue, row));
        }

        private void NoteQueue(int queue)
        {
            if (!_order.Contains(queue))
            {
                _order.Add(queue);
            }
        }

        private void Add(Session session, SqlBatch batch, int queue, int count, int suspects, Guid[] avoided)
        {
            var (rank, seq) = session.LowWater.Of(queue, kinds, out var whole);
            if (whole)
            {
                _ = _walked.Add(queue);
            }

            NoteQueue(queue);
            _ = batch.Add(avoided.Length == 0
                ? (suspects > 0 ? s_claimWithSuspects : s_claim)
                : suspects > 0
                ? s_claimWithSuspectsAvoiding
                : s_claimAvoiding)
                .Bind(queue).Bind(count).Bind(kinds.Numbers).Bind(rank).Bind(seq).Bind(flush.Worker.Value).Bind(DbTime.Of(now))
                    .Each(row => Take(session, queue, row));
            if (suspects > 0)
            {
                _ = batch.Bind(suspects).Bind(_room.Held).Bind(_room.Slots).Bind(_room.Level);
            }

            if (avoided.Length > 0)
            {
                _ = batch.Bind(avoided, UuidArray);
            }
        }

        private void Take(Session session, int queue, NpgsqlDataReader row)
        {
            var claimed = ClaimRow.Read(row, session.Names);
            if (claimed.Suspicion > 0)
            {
                _room = _room.With(claimed.Suspicion);
                _suspectsLeft[queue] = _suspectsLeft.GetValueOrDefault(queue) - 1;
            }
            else
            {
                // Those of one claim come best first.
                session.LowWater.Taken(queue, kinds, claimed.Rank, claimed.Seq);
            }

            if (claimed.Unreadable is not null)
            {
                Unreadable.Add(claimed);
            }
            else if (row.GetBoolean(JobColumns.ClaimedCount))
            {
                _expired.Add((claimed.Id, queue));
            }
            else
            {
                _rows.Add(claimed);
            }
        }

        /// <summary>Whether a claim met this job: before that it was ready.</summary>
        public bool HasMet(JobId id) =>
            _rows.Exists(row => row.Id == id) || Unreadable.Exists(row => row.Id == id) || _expired.Exists(row => row.Id == id);

        /// <summary>The job with this one's key that was claimed: the key was its own when the flush stored jobs, before its
        /// claims.</summary>
        public JobId? MetHolder(Session session, JobDraft job) =>
            job.UniqueKey is { } key && CleanText.Of(key) is var clean && _rows
                .Find(row => row.UniqueKey == clean && row.Kind == session.Names.Kind(job.Kind)) is { } holder ? holder.Id : null;

        /// <summary>What was met and had expired.</summary>
        public List<(JobId Id, int Queue)> TakeExpired()
        {
            var met = _expired;
            _expired = [];
            return met;
        }

        /// <summary>Names that another process has added since are learnt, and the marks hear how long the walks from the front took at
        /// most.</summary>
        public async ValueTask WalkedAsync(Session session)
        {
            foreach (var queue in _walked)
            {
                session.LowWater.Walked(queue, began);
            }

            if (_rows.Exists(row => session.Names.QueueName(row.Queue) is null || session.Names.KindName(row.Kind) is null))
            {
                await session.Names.RefreshAsync(session.Connection);
            }
        }

        /// <summary>What was claimed, queue by queue as they were asked for, best first.</summary>
        public IReadOnlyList<JobClaim> Claims(NameTable names)
        {
            if (_rows.Count == 0)
            {
                return [];
            }

            _rows.Sort((a, b) => a.Queue != b.Queue
                ? _order.IndexOf(a.Queue).CompareTo(_order.IndexOf(b.Queue))
                : a.Rank != b.Rank
                ? a.Rank.CompareTo(b.Rank)
                : a.Seq.CompareTo(b.Seq));
            return _rows.ConvertAll(row =>
                new JobClaim(row.Draft(names), row.Run + 1, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
        }
    }
}
