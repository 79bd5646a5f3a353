using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The claims of a flush on their way.</summary>
/// <param name="flush">The flush.</param>
/// <param name="kinds">Its kinds.</param>
/// <param name="now">The present time.</param>
/// <param name="began">When the claims began, on the store's monotonic clock.</param>
internal sealed class ClaimBatch(Flush flush, KnownKinds kinds, DateTimeOffset now, long began)
{
    private readonly List<ClaimRow> _rows = [];
    private readonly List<int> _order = [];
    private readonly HashSet<int> _walked = [];
    private readonly Dictionary<int, int> _suspectsLeft = [];
    private SuspectRoom _room = flush.Suspects;
    private List<(JobId Id, int Queue)> _expired = [];

    public Flush Flush => flush;

    public DateTimeOffset Now => now;

    public int Count => _rows.Count;

    /// <summary>Rows that were claimed and cannot be read.</summary>
    public List<ClaimRow> Unreadable { get; } = [];

    /// <summary>What is left alone for a while, with the reason.</summary>
    public List<SetAsideJob> IsAside { get; } = [];

    /// <summary>Whether a suspect of any level may be taken: none is here.</summary>
    public bool HasRoomForAnySuspect => _room is { Slots: > 0, Held: 0 };

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

    /// <summary>Adds a claim of a queue. Where suspects may be taken it is sent at once: what it takes is no room for the
    /// next.</summary>
    public async Task AddAsync(Session session, SqlBatch batch, int queue, int count, int suspects, Guid[] avoided)
    {
        suspects = Math.Min(suspects, _room.Most);
        var mark = session.LowWater.Of(queue, kinds, out var whole);
        if (whole)
        {
            _ = _walked.Add(queue);
        }

        NoteQueue(queue);
        RunStart.Claim(batch, ClaimOf(queue, count, suspects, avoided), mark, _room, now, row => Take(session, queue, row));
        if (suspects > 0)
        {
            _suspectsLeft[queue] = suspects;
            await batch.RunAsync();
        }
    }

    /// <summary>Claims one job that was found before.</summary>
    public void AddOne(Session session, SqlBatch batch, int queue, JobId id)
    {
        NoteQueue(queue);
        RunStart.ClaimOne(batch, queue, id, flush.Worker.Value, now, row => Take(session, queue, row));
    }

    /// <summary>Lists what a claim would meet, best first.</summary>
    public void FindCandidates(SqlBatch batch, int queue, int count, int suspects, Guid[] avoided, Action<JobId> found) =>
        RunStart.FindCandidates(batch, ClaimOf(queue, count, HasRoomForAnySuspect ? suspects : 0, avoided), found);

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

    /// <summary>Called after the commit. Learns names that other processes have added, and reports to the low-water marks how long the
    /// looks from the front took at most.</summary>
    public async ValueTask WalkedAsync(Session session)
    {
        foreach (var queue in _walked)
        {
            session.LowWater.Walked(queue, began);
        }

        if (_rows.Exists(row => !row.IsNamed(session.Names)))
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

    private QueueClaim ClaimOf(int queue, int count, int suspects, Guid[] avoided) =>
        new(queue, count, suspects, kinds.Numbers, flush.Worker.Value, avoided);

    private void NoteQueue(int queue)
    {
        if (!_order.Contains(queue))
        {
            _order.Add(queue);
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
            // The jobs of one claim come best first.
            session.LowWater.Taken(queue, kinds, claimed.Rank, claimed.Seq);
        }

        if (claimed.Unreadable is not null)
        {
            Unreadable.Add(claimed);
        }
        else if (row.GetBoolean(RunStart.ExpiredColumn))
        {
            _expired.Add((claimed.Id, queue));
        }
        else
        {
            _rows.Add(claimed);
        }
    }
}
