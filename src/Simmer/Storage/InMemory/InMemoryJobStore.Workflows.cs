namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    private readonly Dictionary<WorkflowId, WorkflowRow> _workflows = [];

    /// <summary>Ended workflows by the end of their retention. Entries of those that were opened again or deleted are dropped when their
    /// turn comes.</summary>
    private readonly PriorityQueue<WorkflowRow, DateTimeOffset> _ended = new();

    /// <summary>Ended workflows, the oldest first.</summary>
    private readonly LinkedList<WorkflowRow> _endedInOrder = new();
    private int _endedSteps;

    private WorkflowReport[] Store(IReadOnlyList<WorkflowDraft> drafts, DateTimeOffset now)
    {
        if (drafts.Count == 0)
        {
            return [];
        }

        var reports = new WorkflowReport[drafts.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Store(drafts[i], now);
        }

        return reports;
    }

    private WorkflowReport Store(WorkflowDraft draft, DateTimeOffset now)
    {
        if (_workflows.TryGetValue(draft.Id, out var same))
        {
            return new WorkflowReport(EnqueueStatus.Duplicate, same.Id, same.State);
        }

        if (StoreRules.WhyRefused(draft) is { } why)
        {
            return new WorkflowReport(EnqueueStatus.Refused, draft.Id, WorkflowState.Unknown, new StoreException(why));
        }

        if (TakenAmong(draft.Id, 1, draft.Steps.Count) is { } taken)
        {
            return new WorkflowReport(EnqueueStatus.Refused, draft.Id, WorkflowState.Unknown,
                new StoreException(StoreRules.WhyTaken(draft, taken.Id, taken.Job.Kind)));
        }

        var workflow = new WorkflowRow(draft, now);
        _workflows.Add(draft.Id, workflow);
        AddSteps(workflow, draft.Steps, now);
        if (draft.Pending == 0)
        {
            Finish(workflow, now);
        }

        return new WorkflowReport(EnqueueStatus.Stored, draft.Id, workflow.State);
    }

    /// <summary>A job that has the id of one of some steps that are yet to be stored.</summary>
    private JobRow? TakenAmong(WorkflowId workflow, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            if (_jobs.TryGetValue(workflow.Step(number), out var taken))
            {
                return taken;
            }
        }

        return null;
    }

    private void AddSteps(WorkflowRow workflow, IReadOnlyList<JobDraft> steps, DateTimeOffset now)
    {
        foreach (var job in steps)
        {
            var row = new JobRow(job, QueueOf(job.Queue), now) { Sequence = ++_lastSequence };
            row.Details.Step = new StepRow(workflow, new StepTally(job.Step!.Pending));
            _jobs.Add(job.Id, row);
            workflow.Steps.Add(row);
            Move(row, JobState.Waiting);
            if (job.Step.Pending == 0)
            {
                _ledger.Stored(workflow.Id, job.Step.Number);
            }
        }
    }

    /// <summary>The steps that a step added which has just succeeded; said before its end, so that nobody is released in between.</summary>
    private void Add(StepRow adder, StepDraft step, IReadOnlyList<JobDraft> added, string? branch, DateTimeOffset now)
    {
        var workflow = adder.Workflow;
        if (workflow.CancelRequested)
        {
            return;
        }

        (adder.FirstAdded, adder.Added) = (workflow.Steps.Count + 1, added.Count);
        var inherited = StepPlacement.Inherited(step, branch);
        _ledger.Added(workflow.Id, inherited, added.Count);
        AddSteps(workflow, StepPlacement.Place(added, step, adder.FirstAdded, inherited), now);
        workflow.Version++;
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        lock (_lock)
        {
            if (!_workflows.TryGetValue(id, out var workflow))
            {
                return new(new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing));
            }

            var unfinished = workflow.Steps.FindAll(static s => s.Job.Step!.Role == StepRole.Step && !s.State.IsFinal());
            if (unfinished.Count == 0)
            {
                return new(new WorkflowCancelReport(CancelResult.AlreadyFinished, [], ReleaseReport.Nothing));
            }

            if (!workflow.CancelRequested)
            {
                (workflow.CancelRequested, workflow.Reason) = (true, reason);
                workflow.Version++;
            }

            var running = new List<(WorkerId, LeaseToken)>();
            foreach (var row in unfinished)
            {
                var report = Cancel(row.Id, reason, default, now);
                if (report.Result == CancelResult.Requested)
                {
                    running.Add((report.Owner, new LeaseToken(row.Id, report.Run)));
                }
            }

            return new(new WorkflowCancelReport(running.Count == 0 ? CancelResult.Cancelled : CancelResult.Requested, running,
                Follow(now)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Retry(request, now));
        }
    }

    private RetryResult Retry(WorkflowRetryRequest request, DateTimeOffset now)
    {
        if (!_workflows.TryGetValue(request.Workflow, out var workflow) || (request.Step is { } wanted && !_jobs.ContainsKey(wanted)))
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var steps = request.Step is { } one
            ? [_jobs[one]]
            : workflow.Steps.FindAll(static s => s.Job.Step!.Role != StepRole.Undo && s.State.CanRetry());
        if (steps.Count == 0 || !steps[0].State.CanRetry())
        {
            return new RetryResult(RetryStatus.NotRetryable, steps.Count == 0 ? JobState.Unknown : steps[0].State);
        }

        if (!request.Force && steps.Exists(static s => s.Job.Step!.Role == StepRole.Step)
            && workflow.Steps.Find(static s => s.Job.Step!.Role == StepRole.Undo
                && s.State is not (JobState.Waiting or JobState.Skipped)) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, steps[0].State, Compensation: begun.Job.Step!.Name);
        }

        foreach (var row in steps)
        {
            var step = row.Detail!.Step!;
            if (step.Tally.Pending == 0)
            {
                _ledger.Reopened(workflow.Id, row.Job.Step!.Next, StepLedger.EndOf(row.State, step.Tally));
            }

            Refresh(row);
            Move(row, JobState.Waiting);
        }

        (workflow.CancelRequested, workflow.Reason) = (false, null);
        workflow.Version++;
        _ = Follow(now);

        // Only now it is known which of them wait for others that run again.
        foreach (var row in steps.Where(static r => r.State == JobState.Waiting && r.Detail!.Step!.Tally.Pending == 0))
        {
            if (row.Detail!.Step!.Tally.Runs(row.Job.Step!.Rule, row.Job.Step.Role))
            {
                Move(row, JobState.Ready);
            }
            else
            {
                // It was cancelled while it waited, and something before it has failed since.
                Finish(row, JobState.Skipped, null, default, now);
            }
        }

        _ = Follow(now);
        return new RetryResult(RetryStatus.Retried, steps[0].State);
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowDeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_workflows.TryGetValue(id, out var workflow))
            {
                return new(WorkflowDeleteResult.NotFound);
            }

            if (workflow.Steps.Exists(static s => s.State == JobState.Running))
            {
                return new(WorkflowDeleteResult.StillRunning);
            }

            Forget(workflow);
            return new(WorkflowDeleteResult.Deleted);
        }
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_workflows.TryGetValue(id, out var workflow) ? Snapshot(workflow, counted) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            return new(StoreRules.Each(ids, id =>
                _workflows.TryGetValue(id, out var workflow) && Snapshot(workflow, counted) is { State: WorkflowState.Running } record
                    ? record.Version
                    : (long?)null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StepRecord>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_workflows.TryGetValue(id, out var workflow))
            {
                return new([]);
            }

            var wanted = numbers?.Where(n => n > 0 && n <= workflow.Steps.Count).Distinct().Order().Select(n => workflow.Steps[n - 1])
                ?? workflow.Steps;
            return new([.. wanted.Select(StepSnapshot)]);
        }
    }

    private static StepRecord StepSnapshot(JobRow row)
    {
        var step = row.Detail!.Step!;
        return new StepRecord(row.Job.Step!, Snapshot(row), step.Branch, step.FirstAdded, step.Added);
    }

    private static WorkflowRecord Snapshot(WorkflowRow workflow, bool counted)
    {
        var summary = new WorkflowSummary();
        foreach (var row in counted ? workflow.Steps : [])
        {
            summary.Add(row.State, row.Job.Step!.Role, row.Version, row.Detail?.Progress);
        }

        return new WorkflowRecord
        {
            Id = workflow.Id,
            Name = workflow.Name,
            State = workflow.State,
            Version = workflow.Version + summary.Version,
            CreatedAt = workflow.CreatedAt,
            FinishedAt = workflow.FinishedAt,
            CancelRequested = workflow.CancelRequested,
            Reason = workflow.Reason,
            StepCount = workflow.Steps.Count,
            Counts = summary.Counts,
            Progress = summary.Progress,
        };
    }
}
