using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Flushes: what a worker ends, gives back, reports, enqueues and claims, in one transaction.</summary>
/// <param name="context">The store.</param>
/// <param name="runs">Starts runs.</param>
internal sealed class SqliteFlush(SqliteContext context, RunStart runs)
{
    /// <summary>How many flush rows of a worker stay; it repeats only its last one.</summary>
    private const int FlushRowsKept = 64;

    private static readonly Sql s_noteFlush = new("INSERT OR IGNORE INTO simmer_flush(worker, seq, at) VALUES(?1, ?2, ?3)");
    private static readonly Sql s_trimFlushes = new("DELETE FROM simmer_flush WHERE worker = ?1 AND seq <= ?2");

    private static readonly Sql s_owned =
        new($"SELECT {JobColumns.Claimed} FROM simmer_job WHERE state = {JobStates.Running} AND owner = ?1 ORDER BY seq");

    // Used by the writer only. It is noted before the commit: a flush that was rolled back is carried out again, and noted anew.
    private readonly UnstoredEnqueues _unstored = new();
    private readonly SettleJobs _settle = new(context.Logger);
    private readonly ProgressNotes _progress = new(context.Logger);

    /// <inheritdoc cref="IJobStore.FlushAsync"/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        var weight = 1 + flush.Settlements.Count + flush.GiveBacks.Count + flush.Progress.Count + flush.Enqueues.Count
            + (flush.Workflows.Count == 0 ? 0 : flush.Workflows.Sum(static w => w.Steps.Count));

        // The engine hands the answer out and sends its next flush from this thread: two changes of thread a commit would cost more than
        // that.
        return new(context.Threads.Writer.Post((session, item) => Flush(session, flush, now, item.Careful), cancellationToken, weight,
            careful: true, goesOnHere: true));
    }

    /// <inheritdoc cref="IJobStore.ClaimsOfAsync"/>
    public async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        var rows = await context.Read(session =>
        {
            // Only the writer proves that its names are still true; this is rare, so they are read anew.
            session.Names.Forget();
            var owned = new List<ClaimRow>();
            ClaimReader.ReadAll(session, session[s_owned].Bind(1, worker.Value), owned);
            return owned;
        }, cancellationToken);
        return new OwnedJobs(
            [.. rows.Where(static row => row.Unreadable is null)
                .Select(static row => new JobClaim(row.Draft, row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested))],
            [.. rows.Where(static row => row.Unreadable is not null).Select(static row => new LeaseToken(row.Draft.Id, row.Run))]);
    }

    private FlushReport Flush(SqliteSession session, Flush flush, DateTimeOffset now, bool careful)
    {
        var worker = flush.Worker.Value;
        context.ProveNames(session);
        var alive = WorkerRows.Exists(session, worker);
        if (session[s_noteFlush].Bind(1, worker).Bind(2, flush.Sequence).Bind(3, DbTime.Of(now)).Run() == 0)
        {
            return new FlushRepeat(_unstored).Answer(session, flush, alive, now);
        }

        if (flush.Sequence % FlushRowsKept == 0)
        {
            _ = session[s_trimFlushes].Bind(1, worker).Bind(2, flush.Sequence - FlushRowsKept).Run();
        }

        if (!alive)
        {
            return FlushWithoutWorker(session, flush, now, careful);
        }

        var refusals = careful ? new List<Refusal>() : null;
        var settlements = _settle.Settle(session, flush.Settlements, worker, now, refusals);
        var giveBacks = GiveBackJobs.GiveBack(session, flush.GiveBacks, worker, now, refusals);
        _progress.Write(session, flush.Progress, worker, careful);

        // Steps are released before anything is done that may be undone again: an enqueue that is refused forgets what ended steps have to
        // say.
        var starts = flush.Claims.Count > 0 && !careful && !WorkflowStore.SkipsAtOnce(flush.Workflows) ? new StepStarts(flush) : null;
        WorkflowFollow.Follow(session, now, starts);
        var enqueues = _unstored.Note(flush, EnqueueJobs.Enqueue(session, flush.Enqueues, worker, now, starts));
        var workflows = _unstored.Note(flush, WorkflowStore.Store(session, flush, starts, now, careful));
        WorkflowFollow.Follow(session, now);
        var claims = runs.Claim(session, flush, starts, now, careful);
        WorkflowFollow.Follow(session, now);
        return new FlushReport
        {
            Settlements = settlements,
            GiveBacks = giveBacks,
            Enqueues = enqueues,
            Workflows = workflows,
            Claims = claims?.Claims ?? [],
            Expired = claims?.Expired ?? [],
            Refusals = refusals ?? [],
            SetAside = claims?.Aside ?? [],
            Released = session.Steps.Take(),
        };
    }

    /// <summary>The worker was declared dead: only what it enqueues counts.</summary>
    private FlushReport FlushWithoutWorker(SqliteSession session, Flush flush, DateTimeOffset now, bool careful)
    {
        var settlements = StoreRules.Each(flush.Settlements,
            settlement => new SettleReport(false, JobLookup.StateOf(session, settlement.Token.Id)));
        var enqueues = _unstored.Note(flush, EnqueueJobs.Enqueue(session, flush.Enqueues, null, now));
        var workflows = _unstored.Note(flush, WorkflowStore.Store(session, flush, null, now, careful));
        WorkflowFollow.Follow(session, now);
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
}
