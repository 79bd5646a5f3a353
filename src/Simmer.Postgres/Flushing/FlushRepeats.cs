using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Answers a flush that had been committed before, from what is stored: the first answer is not kept anywhere.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="claims">The stage of claims, for what is stored late.</param>
/// <param name="guard">Proves that the database is the one that the flush was sent to.</param>
/// <param name="notifications">Tells other processes of what is stored late.</param>
internal sealed class FlushRepeats(PostgresContext context, FlushClaims claims, DatabaseGuard guard, Notifications notifications)
{
    private const string LeftOutSql = "SELECT left_out FROM simmer.flush WHERE worker = $1 AND seq = $2 AND left_out IS NOT NULL";
    private const string WorkerExistsSql = "SELECT 1 FROM simmer.worker WHERE id = $1";

    /// <summary>Makes the answers. Everything is read in one batch, because between two the holder of a key may have ended.</summary>
    public async Task<FlushReport> AnswerAsync(Session session, Flush flush, DateTimeOffset now)
    {
        int[] leftOut = [];
        var alive = false;
        var rows = new JobLookup();
        var batch = session.Batch().Add(LeftOutSql).Bind(flush.Worker.Value).Bind(flush.Sequence)
            .Each(row => leftOut = row.GetFieldValue<int[]>(0))
            .Add(WorkerExistsSql).Bind(flush.Worker.Value).Each(_ => alive = true);
        rows.Ask(batch, [.. flush.Settlements.Select(static s => s.Token.Id).Concat(flush.GiveBacks.Select(static t => t.Id))
            .Concat(flush.Enqueues.Select(static e => e.Job.Id))]);
        rows.AskGiven(batch, [.. flush.Enqueues.Select(static e => e.Job)]);
        rows.AskKeys(session, batch, [.. flush.Enqueues.Select(static e => e.Job)]);
        var states = new Dictionary<WorkflowId, WorkflowState>();
        _ = batch.Add(HeldJobs.WorkflowStatesSql).BindIds(flush.Workflows, static w => w.Id.Value)
            .Each(row => states[WorkflowId.OfStep(row.Id(0))] = (WorkflowState)row.GetInt16(1));
        await batch.RunAsync();

        // A worker that is alive may be looking at rows that it does not know of; what it is not told of now it asks for.
        context.LowWater.Stale();
        var worker = alive ? flush.Worker : default;
        var enqueues = StoreRules.Each(flush.Enqueues, request => RepeatAnswer.ToEnqueue(request, rows.WhyTaken(request.Job),
            rows.Found(request.Job.Id), rows.Holder(request.Job), worker));
        EnqueueGroups.RefuseRepeated(flush.Enqueues, enqueues);
        var unexplained = leftOut.Where(number => number >= 0 && !IsExplained(flush, number, enqueues)).ToHashSet();
        await StoreLateAsync(session, flush, unexplained, enqueues, now);
        var part = FlushPart.Without(flush, unexplained);
        var duplicates = leftOut.Where(static number => number < 0).Select(static number => ~number).ToHashSet();
        return part.Expand(new FlushReport
        {
            WasRepeat = true,
            WorkerGone = !alive,
            Refusals = [.. part.Flush.Settlements.Select(static s => s.Token).Concat(part.Flush.GiveBacks)
                .Where(token => rows.Holds(token, worker)).Select(RepeatAnswer.RefusedBefore)],
            Settlements = StoreRules.Each(part.Flush.Settlements, settlement =>
                RepeatAnswer.ToSettlement(settlement, rows.Found(settlement.Token.Id), flush.Worker)),
            GiveBacks = StoreRules.Each(part.Flush.GiveBacks, static _ => true),
            Enqueues = [.. enqueues.Where((_, i) => !unexplained.Contains(FirstEnqueue(flush) + i))],
            Workflows = [.. part.Flush.Workflows.Zip(part.WorkflowNumbers, (workflow, number) => RepeatAnswer
                .ToRepeatedWorkflow(workflow, duplicates.Contains(number), states.GetValueOrDefault(workflow.Id)))],
        });
    }

    /// <summary>Of calls that enqueue several at once, stores the jobs that were left out although others of the call are answered for:
    /// what stood in their way is gone, and the call cannot be sent once more without those others.</summary>
    /// <param name="session">The session.</param>
    /// <param name="flush">The flush.</param>
    /// <param name="unexplained">The numbers of what was left out and has no answer; those that are stored now are taken out.</param>
    /// <param name="enqueues">The answers to the enqueues, of which those to what is stored now are replaced.</param>
    /// <param name="now">The present time.</param>
    private async Task StoreLateAsync(Session session, Flush flush, HashSet<int> unexplained, EnqueueReport[] enqueues,
        DateTimeOffset now)
    {
        var first = FirstEnqueue(flush);
        var stored = flush.Enqueues.Where((e, i) => e.Group > 0 && !unexplained.Contains(first + i)).Select(static e => e.Group)
            .ToHashSet();
        var places = Enumerable.Range(0, flush.Enqueues.Count)
            .Where(i => unexplained.Contains(first + i) && stored.Contains(flush.Enqueues[i].Group)).ToList();
        if (places.Count == 0)
        {
            return;
        }

        await guard.LookAgainAsync(session.Connection);

        // The numbers go out of the note in the same transaction: at another repeat they would be stored once more.
        var requests = places.ConvertAll(i => new EnqueueRequest(flush.Enqueues[i].Job, Dispatch: false));
        var storing = new EnqueueBatch(requests, null, now);
        await Session.Begin(session.Batch(), Session.ShortLockTimeout).Add(Session.NothingDeferredSql).RunAsync();
        foreach (var part in storing.Parts())
        {
            if (await session.TryAsync($"store {storing.Job(part[0]).Id} late", () =>
            {
                var insert = session.Batch();
                storing.Rows.Insert(session, insert, part);
                return insert.RunAsync();
            }) is { } refused)
            {
                storing.Refuse(part, refused);
            }
        }

        var note = session.Batch();
        UnstoredNote.Write(note, flush, places.ConvertAll(i => (flush.Enqueues[i].Job, first + i, false)), session.Names);
        await note.Add("COMMIT").RunAsync();
        var nothing = new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Kinds = flush.Kinds };
        await new EnqueueAnswers(session, storing, claims.Of(nothing, now)).FindAsync();
        notifications.Announce(storing.ReadyQueues);
        for (var i = 0; i < places.Count; i++)
        {
            enqueues[places[i]] = storing.Reports[i];
            _ = unexplained.Remove(first + places[i]);
        }
    }

    /// <summary>Whether what is stored tells the answer to an operation that was left out: it is an enqueue that found its id or its key
    /// taken, or that was stored after the commit.</summary>
    private static bool IsExplained(Flush flush, int number, EnqueueReport[] enqueues)
    {
        var place = number - FirstEnqueue(flush);
        return place >= 0 && place < enqueues.Length
            && enqueues[place] is not { Status: EnqueueStatus.Stored, State: JobState.Unknown };
    }

    private static int FirstEnqueue(Flush flush) => flush.Settlements.Count + flush.GiveBacks.Count;
}
