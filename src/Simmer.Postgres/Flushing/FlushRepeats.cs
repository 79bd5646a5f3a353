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

    /// <summary>Makes the answers. Everything is read in one statement, because between two the holder of a key may have ended.</summary>
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
        var duplicates = leftOut.Where(static number => number < 0).Select(static number => ~number).ToHashSet();

        // A worker that is alive may be looking at rows that it does not know of; what it is not told of now it asks for.
        context.LowWater.Stale();
        var unexplained = leftOut.Where(number => number >= 0 && !IsExplained(flush, number, rows)).ToHashSet();
        var late = await AnswerRefusedAsync(session, flush, rows, unexplained, now);
        var part = FlushPart.Without(flush, unexplained);
        var workflows = part.Flush.Workflows.Zip(part.WorkflowNumbers, (workflow, number) => RepeatAnswer
            .ToRepeatedWorkflow(workflow, duplicates.Contains(number), states.GetValueOrDefault(workflow.Id)));
        return part.Expand(Report(part.Flush, alive, rows, late, [.. workflows]));
    }

    /// <summary>The answers to enqueues that what is stored does not tell, because they were refused or are stored only now. They are taken
    /// out of the numbers that nothing explains.</summary>
    private async Task<Dictionary<JobId, EnqueueReport>> AnswerRefusedAsync(Session session, Flush flush, JobLookup rows,
        HashSet<int> unexplained, DateTimeOffset now)
    {
        var first = FirstEnqueue(flush);

        // A call of several of which one cannot have its id is refused whole: nothing of it is stored late.
        var calls = flush.Enqueues.Where(e => e.Group > 0 && rows.WhyTaken(e.Job) is not null).Select(static e => e.Group).ToHashSet();

        // What the rules refuse was refused before the database was asked, and is refused again.
        var refused = EnqueueGroups.RefusedByRules(flush.Enqueues);
        var ruled = StoreRules.Each(flush.Enqueues, request => EnqueueGroups.WhyRefused(request, refused));
        unexplained.ExceptWith(Enumerable.Range(0, ruled.Length)
            .Where(i => ruled[i] is not null || calls.Contains(flush.Enqueues[i].Group)).Select(i => first + i));
        var late = await StoreLateAsync(session, flush, unexplained, now);
        for (var i = 0; i < ruled.Length; i++)
        {
            var job = flush.Enqueues[i].Job;
            if (ruled[i] is { } why)
            {
                late[job.Id] = RepeatAnswer.Refused(job, why);
            }
            else if (calls.Contains(flush.Enqueues[i].Group) && rows.StateOf(job.Id) == JobState.Unknown)
            {
                late[job.Id] = RepeatAnswer.Refused(job, rows.WhyTaken(job) ?? StoreRules.RefusedWithAnother);
            }
        }

        return late;
    }

    /// <summary>Of calls that enqueue several at once, stores the jobs that were left out although others of the call are answered for:
    /// what stood in their way is gone, and the call cannot be sent once more without those others.</summary>
    /// <returns>The answers; their numbers are explained now.</returns>
    private async Task<Dictionary<JobId, EnqueueReport>> StoreLateAsync(Session session, Flush flush, HashSet<int> unexplained,
        DateTimeOffset now)
    {
        var first = FirstEnqueue(flush);
        var stored = flush.Enqueues.Where((e, i) => e.Group > 0 && !unexplained.Contains(first + i)).Select(static e => e.Group)
            .ToHashSet();
        var places = Enumerable.Range(0, flush.Enqueues.Count)
            .Where(i => unexplained.Contains(first + i) && stored.Contains(flush.Enqueues[i].Group)).ToList();
        if (places.Count == 0)
        {
            return [];
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
        unexplained.ExceptWith(places.Select(i => first + i));
        return requests.Select((request, i) => (request.Job.Id, storing.Reports[i])).ToDictionary();
    }

    /// <summary>Whether an enqueue that was left out has its answer: who has its id or its key, or it was stored after the
    /// commit.</summary>
    private static bool IsExplained(Flush flush, int number, JobLookup rows)
    {
        var place = number - FirstEnqueue(flush);
        return place >= 0 && place < flush.Enqueues.Count && flush.Enqueues[place].Job is var job
            && (rows.StateOf(job.Id) != JobState.Unknown || rows.WhyTaken(job) is not null || rows.Holder(job) is not null);
    }

    private static FlushReport Report(Flush flush, bool alive, JobLookup rows, Dictionary<JobId, EnqueueReport> late,
        WorkflowReport[] workflows)
    {
        var worker = alive ? flush.Worker : default;
        return new FlushReport
        {
            WasRepeat = true,
            WorkerGone = !alive,
            Refusals = [.. flush.Settlements.Select(static s => s.Token).Concat(flush.GiveBacks).Where(token => rows.Holds(token, worker))
                .Select(RepeatAnswer.RefusedBefore)],
            Settlements = StoreRules.Each(flush.Settlements, settlement =>
                RepeatAnswer.ToSettlement(settlement, rows.Found(settlement.Token.Id), flush.Worker)),
            GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
            Enqueues = StoreRules.Each(flush.Enqueues, request => late.TryGetValue(request.Job.Id, out var answer)
                ? answer
                : RepeatAnswer.ToEnqueue(request, rows.WhyTaken(request.Job), rows.Found(request.Job.Id), rows.Holder(request.Job),
                    worker)),
            Workflows = workflows,
        };
    }

    private static int FirstEnqueue(Flush flush) => flush.Settlements.Count + flush.GiveBacks.Count;
}
