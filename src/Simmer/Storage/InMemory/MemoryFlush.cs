using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>Carries flushes out, and answers for those that were carried out before.</summary>
internal sealed class MemoryFlush(MemoryTables tables, RunStart start, RunEnd end, MemoryEnqueue enqueue, WorkflowStore workflows,
    FollowUp follow, DepartedWorkers departed)
{
    private readonly UnstoredEnqueues _unstored = new();

    public FlushReport Carry(Flush flush, DateTimeOffset now)
    {
        var worker = tables.Workers.GetValueOrDefault(flush.Worker);
        if (!IsNew(flush, worker))
        {
            return Remember(flush, worker, now);
        }

        if (worker is null)
        {
            return CarryWithoutWorker(flush, now);
        }

        var settlements = end.Settle(flush.Settlements, worker, now);
        var released = follow.Run(now);
        var giveBacks = end.GiveBack(flush.GiveBacks, worker, now);
        Note(flush.Progress, worker);

        // Before the enqueues: a job that is dispatched must not overtake a step that is released.
        released = released.With(follow.Run(now));
        var enqueues = _unstored.Note(flush, enqueue.Store(flush.Enqueues, worker, now));
        var stored = _unstored.Note(flush, workflows.Store(flush.Workflows, now));
        released = released.With(follow.Run(now));
        var (claims, expired) = start.Claim(flush, worker, now);
        return new FlushReport
        {
            Settlements = settlements,
            GiveBacks = giveBacks,
            Enqueues = enqueues,
            Workflows = stored,
            Claims = claims,
            Expired = expired,
            Released = released.With(follow.Run(now)),
        };
    }

    /// <summary>The worker was declared dead: only what it enqueues counts.</summary>
    private FlushReport CarryWithoutWorker(Flush flush, DateTimeOffset now) => new()
    {
        WorkerGone = true,
        Settlements = StoreRules.Each(flush.Settlements, settlement => new SettleReport(false, tables.StateOf(settlement.Token.Id))),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => false),
        Enqueues = _unstored.Note(flush, enqueue.Store(flush.Enqueues, null, now)),
        Workflows = _unstored.Note(flush, workflows.Store(flush.Workflows, now)),
        Released = follow.Run(now),
    };

    /// <summary>Notes the flush's number; false if it had been noted before.</summary>
    private bool IsNew(Flush flush, WorkerRow? worker)
    {
        var last = worker?.LastFlush ?? departed.LastFlushOf(flush.Worker);
        if (flush.Sequence <= last)
        {
            return false;
        }

        if (worker is not null)
        {
            worker.LastFlush = flush.Sequence;
        }
        else
        {
            departed.Note(flush.Worker, flush.Sequence);
        }

        return true;
    }

    /// <summary>Answers a repeat from what is stored, as a database must: the first answer is not kept anywhere.</summary>
    private FlushReport Remember(Flush flush, WorkerRow? worker, DateTimeOffset now) => new()
    {
        WasRepeat = true,
        WorkerGone = worker is null,
        Settlements = StoreRules.Each(flush.Settlements,
            settlement => RepeatAnswer.ToSettlement(settlement, enqueue.Found(settlement.Token.Id), worker?.Id ?? default)),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
        Enqueues = RememberEnqueues(flush, worker, now),
        Workflows = _unstored.Workflows(flush, workflow => tables.Workflows.GetValueOrDefault(workflow.Id)?.State ?? WorkflowState.Unknown,
            workflow => workflows.Store(workflow, now)),
        Released = follow.Run(now),
    };

    private EnqueueReport[] RememberEnqueues(Flush flush, WorkerRow? worker, DateTimeOffset now)
    {
        var reports = StoreRules.Each(flush.Enqueues, request => enqueue.Remember(request, worker));
        if (_unstored.Of(flush) is { } unstored)
        {
            // What kept them out is gone: they are stored now, or refused once more, a call of several as a whole.
            EnqueueGroups.RefuseRepeated(flush.Enqueues, reports);
            var late = unstored.Where(i => reports[i] is { Status: EnqueueStatus.Stored, State: JobState.Unknown }).ToList();
            var answers = enqueue.Store(late.ConvertAll(i => flush.Enqueues[i] with { Dispatch = false }), worker, now);
            late.ForEach(i => reports[i] = answers[late.IndexOf(i)]);
            _unstored.Note(flush, reports);
        }

        return reports;
    }

    private void Note(IReadOnlyList<ProgressNote> notes, WorkerRow worker)
    {
        for (var i = 0; i < notes.Count; i++)
        {
            if (tables.Held(notes[i].Token, worker) is { } row)
            {
                row.Details.Note(notes[i]);
                row.Version++;
            }
        }
    }
}
