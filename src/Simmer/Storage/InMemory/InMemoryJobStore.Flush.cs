namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <summary>How many departed workers' last flushes are remembered, for a repeat that comes after their death.</summary>
    private const int DepartedKept = 256;

    private readonly UnstoredEnqueues _unstored = new();
    private readonly Dictionary<WorkerId, long> _departed = [];
    private readonly Queue<WorkerId> _departedOrder = [];

    /// <inheritdoc/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        lock (_lock)
        {
            return new(Carry(flush, now));
        }
    }

    private FlushReport Carry(Flush flush, DateTimeOffset now)
    {
        var worker = _workers.GetValueOrDefault(flush.Worker);
        if (!IsNew(flush, worker))
        {
            return Remember(flush, worker, now);
        }

        if (worker is null)
        {
            return new FlushReport
            {
                WorkerGone = true,
                Settlements = StoreRules.Each(flush.Settlements, Lost),
                GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => false),
                Enqueues = _unstored.Note(flush, Enqueue(flush.Enqueues, null, now)),
                Workflows = _unstored.Note(flush, Store(flush.Workflows, now)),
                Released = Follow(now),
            };
        }

        var settlements = Settle(flush.Settlements, worker, now);
        var released = Follow(now);
        var giveBacks = GiveBack(flush.GiveBacks, worker, now);
        Note(flush.Progress, worker);

        // Before the enqueues: a job that is dispatched must not overtake a step that is released.
        released = released.With(Follow(now));
        var enqueues = _unstored.Note(flush, Enqueue(flush.Enqueues, worker, now));
        var workflows = _unstored.Note(flush, Store(flush.Workflows, now));
        released = released.With(Follow(now));
        var (claims, expired) = Claim(flush, worker, now);
        return new FlushReport
        {
            Settlements = settlements,
            GiveBacks = giveBacks,
            Enqueues = enqueues,
            Workflows = workflows,
            Claims = claims,
            Expired = expired,
            Released = released.With(Follow(now)),
        };
    }

    /// <summary>Notes the flush's number; false if it had been noted before.</summary>
    private bool IsNew(Flush flush, WorkerRow? worker)
    {
        var last = worker?.LastFlush ?? _departed.GetValueOrDefault(flush.Worker);
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
            Depart(flush.Worker, flush.Sequence);
        }

        return true;
    }

    private void Depart(WorkerId worker, long lastFlush)
    {
        if (!_departed.ContainsKey(worker))
        {
            _departedOrder.Enqueue(worker);
            if (_departedOrder.Count > DepartedKept)
            {
                _ = _departed.Remove(_departedOrder.Dequeue());
            }
        }

        _departed[worker] = lastFlush;
    }

    /// <summary>Answers a repeat from what is stored, as a database must: the first answer is not kept anywhere.</summary>
    private FlushReport Remember(Flush flush, WorkerRow? worker, DateTimeOffset now) => new()
    {
        WasRepeat = true,
        WorkerGone = worker is null,

        // It was carried out: a row that is gone had ended, one on another run has been claimed since.
        Settlements = StoreRules.Each(flush.Settlements, settlement => RememberSettlement(settlement, worker)),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
        Enqueues = RememberEnqueues(flush, worker, now),
        Workflows = _unstored.Workflows(flush, workflow => _workflows.GetValueOrDefault(workflow.Id)?.State ?? WorkflowState.Unknown,
            workflow => Store(workflow, now)),
        Released = Follow(now),
    };

    // Still on this very lease: it cannot have been settled under it.
    private SettleReport RememberSettlement(Settlement settlement, WorkerRow? worker) => _jobs.TryGetValue(settlement.Token.Id, out var row)
        ? new SettleReport(worker is null || row.Owner != worker || row.Run != settlement.Token.Run, row.State)
        : new SettleReport(true, settlement.State);

    private EnqueueReport[] RememberEnqueues(Flush flush, WorkerRow? worker, DateTimeOffset now)
    {
        var reports = StoreRules.Each(flush.Enqueues, request => RememberEnqueue(request, worker));
        if (_unstored.Of(flush) is { } unstored)
        {
            // What kept them out is gone: they are stored now, or refused once more, a call of several as a whole.
            UnstoredEnqueues.RefuseRest(flush, reports);
            var late = unstored.Where(i => reports[i] is { Status: EnqueueStatus.Stored, State: JobState.Unknown }).ToList();
            var answers = Enqueue(late.ConvertAll(i => flush.Enqueues[i] with { Dispatch = false }), worker, now);
            late.ForEach(i => reports[i] = answers[late.IndexOf(i)]);
            _unstored.Note(flush, reports);
        }

        return reports;
    }

    private EnqueueReport RememberEnqueue(EnqueueRequest request, WorkerRow? worker)
    {
        var job = request.Job;
        if (job.IdGiven && WhyTaken(job) is { } why)
        {
            return new(EnqueueStatus.Refused, job.Id, JobState.Unknown, new StoreException(why));
        }

        if (_jobs.TryGetValue(job.Id, out var row))
        {
            var dispatched = request.Dispatch && worker is not null && row.Owner == worker && row.Run == 1;
            return new(dispatched ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, row.State);
        }

        return job.UniqueKey is { } key && _keys.TryGetValue((job.Kind, key), out var holder)
            ? new(EnqueueStatus.Duplicate, holder.Id, holder.State)
            : new(EnqueueStatus.Stored, job.Id, JobState.Unknown);
    }
}
