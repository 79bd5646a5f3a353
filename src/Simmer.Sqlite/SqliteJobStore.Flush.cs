using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    /// <summary>How many flush rows of a worker stay; it repeats only its last one.</summary>
    private const int FlushRowsKept = 64;

    /// <summary>Used by the writer only. It is noted before the commit: a flush that was rolled back is carried out again, and noted
    /// anew.</summary>
    private readonly UnstoredEnqueues _unstored = new();

    private static readonly Sql s_workerExists = new("SELECT 1 FROM simmer_worker WHERE id = ?1");
    private static readonly Sql s_noteFlush = new("INSERT OR IGNORE INTO simmer_flush(worker, seq, at) VALUES(?1, ?2, ?3)");
    private static readonly Sql s_trimFlushes = new("DELETE FROM simmer_flush WHERE worker = ?1 AND seq <= ?2");
    private static readonly Sql s_stateAndRun = new("SELECT state, run, owner FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_historyState = new("SELECT state FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_keyHolder = new("SELECT id, state FROM simmer_job WHERE kind = ?1 AND unique_key = ?2");

    /// <inheritdoc/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        var weight = 1 + flush.Settlements.Count + flush.GiveBacks.Count + flush.Progress.Count + flush.Enqueues.Count
            + (flush.Workflows.Count == 0 ? 0 : flush.Workflows.Sum(static w => w.Steps.Count));

        // The engine hands the answer out and sends its next flush from this thread: two changes of thread a commit would cost more than
        // that.
        return new(Writer.Post((session, item) => Carry(session, flush, now, item.Careful), cancellationToken, weight, careful: true,
            goesOnHere: true));
    }

    private FlushReport Carry(SqliteSession session, Flush flush, DateTimeOffset now, bool careful)
    {
        var worker = flush.Worker.Value;
        ProveNames(session);
        var alive = session[s_workerExists].Bind(1, worker).Number() is not null;
        if (session[s_noteFlush].Bind(1, worker).Bind(2, flush.Sequence).Bind(3, DbTime.Of(now)).Run() == 0)
        {
            return Remember(session, flush, alive, now);
        }

        if (flush.Sequence % FlushRowsKept == 0)
        {
            _ = session[s_trimFlushes].Bind(1, worker).Bind(2, flush.Sequence - FlushRowsKept).Run();
        }

        if (!alive)
        {
            return CarryWithoutWorker(session, flush, now, careful);
        }

        var refusals = careful ? new List<Refusal>() : null;
        var settlements = Settle(session, flush.Settlements, worker, now, refusals);
        var giveBacks = GiveBack(session, flush.GiveBacks, worker, now, refusals);
        Note(session, flush.Progress, worker, careful);

        // Before what may be undone again: an enqueue that is refused forgets what came up in its transaction.
        var starts = flush.Claims.Count > 0 && !careful && !SkipsAtOnce(flush.Workflows) ? new StepStarts(flush) : null;
        Follow(session, now, starts);
        var enqueues = _unstored.Note(flush, Enqueue(session, flush.Enqueues, worker, now, starts));
        var workflows = _unstored.Note(flush, StoreWorkflows(session, flush, starts, now, careful));
        Follow(session, now);
        var claims = new List<JobClaim>(Math.Min(flush.Claims.Sum(static c => c.Count), 256));
        var expired = new List<JobId>();
        var aside = Claim(session, flush, starts, now, careful, claims, expired);
        Follow(session, now);
        return new FlushReport
        {
            Settlements = settlements,
            GiveBacks = giveBacks,
            Enqueues = enqueues,
            Workflows = workflows,
            Claims = claims,
            Expired = expired,
            Refusals = refusals ?? [],
            SetAside = aside,
            Released = session.Steps.Take(),
        };
    }

    /// <summary>The worker was declared dead: only what it enqueues counts.</summary>
    private FlushReport CarryWithoutWorker(SqliteSession session, Flush flush, DateTimeOffset now, bool careful)
    {
        var settlements = StoreRules.Each(flush.Settlements, settlement => new SettleReport(false, StateOf(session, settlement.Token.Id)));
        var enqueues = _unstored.Note(flush, Enqueue(session, flush.Enqueues, null, now));
        var workflows = _unstored.Note(flush, StoreWorkflows(session, flush, null, now, careful));
        Follow(session, now);
        return new FlushReport
        {
            WorkerGone = true,
            Settlements = settlements,
            GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => false),
            Enqueues = enqueues,
            Workflows = workflows,
            Released = session.Steps.Take(),
        };
    }

    private static WorkflowReport[] StoreWorkflows(SqliteSession session, Flush flush, StepStarts? starts, DateTimeOffset now, bool careful)
    {
        var reports = Admit(session, flush.Workflows, starts, now, out var entries);
        if (starts is not null)
        {
            Start(session, starts, flush, now);
        }

        Store(session, flush, reports, entries, now, careful);
        return reports;
    }

    /// <summary>Answers a flush that had been committed before, from what is stored: the first answer is not kept anywhere.</summary>
    private FlushReport Remember(SqliteSession session, Flush flush, bool alive, DateTimeOffset now) => new()
    {
        WasRepeat = true,
        WorkerGone = !alive,

        Refusals = [.. flush.Settlements.Select(static s => s.Token).Concat(flush.GiveBacks)
            .Where(token => alive && IsHeld(session, token, flush.Worker)).Select(RefusedBefore)],

        // It was carried out: a row that is gone had ended, one on another run was claimed since.
        Settlements = StoreRules.Each(flush.Settlements, settlement => RememberSettlement(session, settlement, flush.Worker.Value)),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
        Enqueues = RememberEnqueues(session, flush, alive, now),
        Workflows = _unstored.Workflows(flush, workflow => StateOf(session, workflow.Id), workflow => StoreLate(session, workflow, now)),
        Released = session.Steps.Take(),
    };

    // Still on this very lease: it was refused in its row.
    private static bool IsHeld(SqliteSession session, LeaseToken token, WorkerId worker) =>
        Look(session, token.Id) is { State: JobState.Running } row && row.Owner == worker.Value && row.Run == token.Run;

    private static Refusal RefusedBefore(LeaseToken token) =>
        new(token,
            new StoreException(
            $"The database refused the end of job {token.Id}, and the answer that said why was lost; it is tried again."));

    private static SettleReport RememberSettlement(SqliteSession session, Settlement settlement, long worker)
    {
        if (Look(session, settlement.Token.Id) is { } row)
        {
            return new SettleReport(row.Owner != worker || row.Run != settlement.Token.Run, row.State);
        }

        var state = HistoryState(session, settlement.Token.Id);
        return new SettleReport(true, state == JobState.Unknown ? settlement.State : state);
    }

    private EnqueueReport[] RememberEnqueues(SqliteSession session, Flush flush, bool alive, DateTimeOffset now)
    {
        var reports = StoreRules.Each(flush.Enqueues, request => RememberEnqueue(session, request, alive ? flush.Worker.Value : -1));
        if (_unstored.Of(flush) is { } unstored)
        {
            // What kept them out is gone: they are stored now, or refused once more, a call of several as a whole.
            UnstoredEnqueues.RefuseRest(flush, reports);
            var late = unstored.Where(i => reports[i] is { Status: EnqueueStatus.Stored, State: JobState.Unknown }).ToList();
            var answers = Enqueue(session, late.ConvertAll(i => flush.Enqueues[i] with { Dispatch = false }), null, now);
            late.ForEach(i => reports[i] = answers[late.IndexOf(i)]);
            _ = _unstored.Note(flush, reports);
        }

        return reports;
    }

    private static EnqueueReport RememberEnqueue(SqliteSession session, EnqueueRequest request, long worker)
    {
        var job = request.Job;
        if (job.IdGiven && Present(session, job) is { Status: EnqueueStatus.Refused } refused)
        {
            return refused;
        }

        if (Look(session, job.Id) is { } row)
        {
            var dispatched = request.Dispatch && row.Owner == worker && row.Run == 1;
            return new EnqueueReport(dispatched ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, row.State);
        }

        var ended = HistoryState(session, job.Id);
        return ended == JobState.Unknown && Holder(session, job) is { } holder
            ? new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, holder.State)
            : new EnqueueReport(EnqueueStatus.Stored, job.Id, ended);
    }

    private static (JobState State, int Run, long Owner)? Look(SqliteSession session, JobId id)
    {
        var statement = session[s_stateAndRun].Bind(1, id);
        if (!statement.Step())
        {
            return null;
        }

        var row = (Public(statement.Int(0)), statement.Int(1), statement.LongOrNull(2) ?? 0);
        statement.Reset();
        return row;
    }

    private static JobState HistoryState(SqliteSession session, JobId id) => (JobState)(session[s_historyState].Bind(1, id).Number() ?? 0);

    private static JobState StateOf(SqliteSession session, JobId id) =>
        Look(session, id) is { } row ? row.State : HistoryState(session, id);

    private static (JobId Id, JobState State)? Holder(SqliteSession session, JobDraft job)
    {
        if (job.UniqueKey is not { } key)
        {
            return null;
        }

        var statement = session[s_keyHolder].Bind(1, session.Names.Kind(job.Kind)).Bind(2, key);
        if (!statement.Step())
        {
            return null;
        }

        var holder = (statement.IdOrStandIn(0), Public(statement.Int(1)));
        statement.Reset();
        return holder;
    }

    private static JobState Public(int state) => state == ReadySuspect ? JobState.Ready : (JobState)state;
}
