using Npgsql;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>The settlements and the give-backs of a flush on their way.</summary>
internal sealed class SettleBatch(Flush flush, long worker)
{
    private readonly SettleReport?[] _reports = new SettleReport?[flush.Settlements.Count];
    private readonly Dictionary<JobId, int> _plain = [];
    private readonly List<int> _looked = [];
    private readonly List<Refusal> _refusals = [];

    public bool[] GiveBackReports { get; } = new bool[flush.GiveBacks.Count];

    /// <summary>The signals to jobs whose cancel was requested and that ended before they got them.</summary>
    public List<(long Owner, LeaseToken Token)> SpentSignals { get; } = [];

    /// <summary>Whether rows have to be read before they can be decided on.</summary>
    public bool NeedsLooking => _looked.Count + flush.GiveBacks.Count > 0;

    public long Worker => worker;

    /// <summary>The row that the first operation has to lock: a step's workflow, or the job.</summary>
    public JobId NeededRow => flush.Settlements is [{ Step: { } step }, ..] ? step.Workflow.Step(0) : First.Id;

    public LeaseToken First => flush.Settlements.Count > 0 ? flush.Settlements[0].Token : flush.GiveBacks[0];

    /// <summary>What the database has refused.</summary>
    public IReadOnlyList<Refusal> Refusals => _refusals;

    /// <summary>What was not settled.</summary>
    public List<LeaseToken> Unsettled =>
        [.. flush.Settlements.Where((s, i) => _reports[i] is null && !IsRefused(s.Token)).Select(static s => s.Token)];

    /// <summary>Every operation as a batch of its own.</summary>
    public IEnumerable<SettleBatch> Alone()
    {
        foreach (var settlement in flush.Settlements)
        {
            yield return Looking([settlement]);
        }

        foreach (var token in flush.GiveBacks)
        {
            yield return new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, GiveBacks = [token] }, worker);
        }
    }

    /// <summary>The first settlement with marks in place of texts, more of them each time.</summary>
    public IEnumerable<SettleBatch> Marked()
    {
        foreach (var all in flush.Settlements.Count == 0 ? [] : new[] { false, true })
        {
            if (flush.Settlements[0].WithMarks(all) is { } marked)
            {
                yield return Looking([marked]);
            }
        }
    }

    /// <summary>Those of the settlements that prove to be of steps, to be settled as such.</summary>
    public SettleBatch Forgotten(List<LeaseToken> steps) => Looking([.. flush.Settlements.Where(s => steps.Contains(s.Token))]);

    public void Refuse(LeaseToken token, StoreException error) => _refusals.Add(new Refusal(token, error));

    /// <summary>Takes over what became of some of the operations.</summary>
    public void Take(SettleBatch some)
    {
        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            _reports[i] ??= some.ReportOf(flush.Settlements[i].Token);
        }

        for (var i = 0; i < flush.GiveBacks.Count; i++)
        {
            GiveBackReports[i] |= some.HasGivenBack(flush.GiveBacks[i]);
        }
    }

    /// <summary>Ends jobs whose rows need not be read, with one statement for those that are kept and one for the others.</summary>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="now">The present time.</param>
    /// <param name="ahead">How far the server's clock is ahead of the caller's.</param>
    /// <param name="noted">The jobs that have reported progress.</param>
    public void EndPlainly(SqlBatch batch, DateTimeOffset now, TimeSpan ahead, NotedJobs noted)
    {
        List<LeaseToken>? reported = null;
        var kept = new List<Ending>();
        var unkept = new List<LeaseToken>();
        List<JobId>? mayHaveErrors = null;
        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            var settlement = flush.Settlements[i];
            if (!RunEnd.IsPlain(settlement))
            {
                _looked.Add(i);
                continue;
            }

            _plain[settlement.Token.Id] = i;
            if (HasReported(settlement, noted))
            {
                (reported ??= []).Add(settlement.Token);
            }

            if (settlement.KeepFor > TimeSpan.Zero)
            {
                kept.Add(RunEnd.Plain(settlement, ahead));
                continue;
            }

            unkept.Add(settlement.Token);
            if (settlement.Token.Run > 1)
            {
                (mayHaveErrors ??= []).Add(settlement.Token.Id);
            }
        }

        if (reported is not null)
        {
            ProgressRows.Take(batch, reported);
        }

        if (unkept.Count > 0)
        {
            EndedRows.EndUnkept(batch, unkept, worker, Ended);
        }

        if (kept.Count > 0)
        {
            EndedRows.EndKept(batch, kept, worker, now, Ended);
        }

        if (mayHaveErrors is not null)
        {
            EndedRows.DropErrorsOfGone(batch, mayHaveErrors);
        }
    }

    /// <summary>Locks the workflows of those steps of which the engine said that they are steps.</summary>
    public void LockWorkflows(SqlBatch batch, Dictionary<WorkflowId, LockedWorkflow> workflows)
    {
        var known = _looked.Select(i => flush.Settlements[i].Step).OfType<StepDraft>().Select(static s => s.Workflow).ToList();
        if (known.Count > 0)
        {
            WorkflowChanges.Lock(batch, known, w => workflows[w.Id] = w);
        }
    }

    /// <summary>Locks and reads the rows that the leases prove; they are there once the batch has run.</summary>
    public Dictionary<JobId, HeldJob> Lock(SqlBatch batch) =>
        RunEnd.Lock(batch, [.. _looked.Select(i => flush.Settlements[i].Token), .. flush.GiveBacks], worker);

    /// <summary>The leases among those looked at under which progress was reported.</summary>
    public IReadOnlyList<LeaseToken> Noted(NotedJobs noted)
    {
        List<LeaseToken>? reported = null;
        foreach (var i in _looked)
        {
            if (HasReported(flush.Settlements[i], noted))
            {
                (reported ??= []).Add(flush.Settlements[i].Token);
            }
        }

        foreach (var token in flush.GiveBacks)
        {
            if (noted.Has(token, flush.Worker))
            {
                (reported ??= []).Add(token);
            }
        }

        return reported ?? [];
    }

    /// <summary>How many steps are added to which workflows.</summary>
    public IEnumerable<(WorkflowId Workflow, int Count)> Added(Dictionary<JobId, HeldJob> held) =>
        _looked.Select(i => flush.Settlements[i])
        .Where(static s => s.Added is { Count: > 0 })
        .Select(s => (Step: s.Step ?? held.GetValueOrDefault(s.Token.Id)?.Step, s.Added!.Count))
        .Where(static a => a.Step is not null)
        .GroupBy(static a => a.Step!.Workflow, static a => a.Count)
        .Select(static g => (g.Key, g.Sum()));

    /// <summary>Ends the runs whose rows were found under their leases.</summary>
    public void End(Session session, SqlBatch writes, Dictionary<JobId, HeldJob> held, Dictionary<WorkflowId, LockedWorkflow> workflows,
        DateTimeOffset now)
    {
        foreach (var i in _looked)
        {
            var settlement = flush.Settlements[i];
            if (held.TryGetValue(settlement.Token.Id, out var job) && job.Run == settlement.Token.Run)
            {
                var step = settlement.Step ?? job.Step;
                var added = SettleDecision.AddsSteps(settlement, step is not null)
                    ? StepInsert.Add(session, writes, settlement, step!, workflows, now)
                    : default;
                _reports[i] = new SettleReport(true, RunEnd.Settle(session, settlement, job, step, added, now));
            }
        }

        for (var i = 0; i < flush.GiveBacks.Count; i++)
        {
            var token = flush.GiveBacks[i];
            if (held.TryGetValue(token.Id, out var job) && job.Run == token.Run)
            {
                RunEnd.GiveBack(session, job, now);
                GiveBackReports[i] = true;
            }
        }
    }

    /// <summary>An answer a settlement.</summary>
    /// <param name="stateOf">The state of a job that was not settled.</param>
    public SettleReport[] Reports(Func<JobId, JobState> stateOf) =>
        [.. flush.Settlements.Select((s, i) => _reports[i]
            ?? new SettleReport(false, IsRefused(s.Token) ? JobState.Running : stateOf(s.Token.Id)))];

    private bool HasReported(Settlement settlement, NotedJobs noted) =>
        settlement.Progress is not null || noted.Has(settlement.Token, flush.Worker);

    private bool IsRefused(LeaseToken token) => _refusals.Exists(r => r.Token == token);

    private SettleBatch Looking(IReadOnlyList<Settlement> settlements)
    {
        var batch = new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Settlements = settlements }, worker);
        batch._looked.AddRange(Enumerable.Range(0, settlements.Count));
        return batch;
    }

    private SettleReport? ReportOf(LeaseToken token)
    {
        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            if (flush.Settlements[i].Token == token)
            {
                return _reports[i];
            }
        }

        return null;
    }

    private bool HasGivenBack(LeaseToken token)
    {
        for (var i = 0; i < flush.GiveBacks.Count; i++)
        {
            if (flush.GiveBacks[i] == token)
            {
                return GiveBackReports[i];
            }
        }

        return false;
    }

    private void Ended(NpgsqlDataReader row)
    {
        var i = _plain[row.Id(0)];
        var settlement = flush.Settlements[i];
        _reports[i] = new SettleReport(true, settlement.State);
        if (row.GetBoolean(1))
        {
            SpentSignals.Add((worker, settlement.Token));
        }
    }
}
