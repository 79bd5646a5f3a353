using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // What nearly every job comes to where nothing is kept: the lease is checked and the row deleted in one statement.
    private const string EndUnkeptSql = """
        DELETE FROM simmer.job j USING unnest($2::uuid[], $3::int[]) AS f(id, run)
        WHERE j.id = ANY(ARRAY[f.id]) AND j.run = f.run AND j.owner = $1 AND j.state = 4 AND j.step IS NULL
            RETURNING j.id, j.cancel_requested
        """;

    // Errors of earlier attempts, of jobs that were settled without being kept. One that is held by another worker now, or was kept by it,
    // has them still.
    private const string DropErrorsOfGoneSql = """
        DELETE FROM simmer.error e WHERE e.job = ANY($1) AND NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[e.job]))
            AND NOT EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = ANY(ARRAY[e.job]))
        """;

    private const string HeldSql = $"""
        SELECT {HeldJob.Columns} FROM simmer.job j JOIN unnest($2::uuid[], $3::int[]) AS t(id, run) ON j.id = ANY(ARRAY[t.id])
        WHERE j.run = t.run AND j.owner = $1 AND j.state = 4 FOR UPDATE OF j
        """;

    private readonly List<(long Owner, LeaseToken Token)> _spentSignals = [];

    /// <summary>Signals to jobs that ended before they were heard; the heartbeat does not give them any more.</summary>
    private void ForgetSpentSignals(Session session)
    {
        foreach (var (owner, token) in _spentSignals)
        {
            session.Changes.ForgetSignal(owner, token);
        }

        _spentSignals.Clear();
    }

    /// <summary>Settles what has to be looked at first: the rows are locked and read, each is decided on, and the workflows of steps
    /// follow.</summary>
    private Task SettleByLookingAsync(Session session, SqlBatch batch, SettleBatch settling, DateTimeOffset now) =>
        SettleByLookingAsync(session, batch, settling, now, writes => TakeNotes(writes, settling.Noted(_noted)));

    /// <param name="session">The transaction.</param>
    /// <param name="batch">What was added before goes with it.</param>
    /// <param name="settling">What ends.</param>
    /// <param name="now">The present time.</param>
    /// <param name="first">What is written before the ends, behind the locks.</param>
    private static async Task SettleByLookingAsync(Session session, SqlBatch batch, SettleBatch settling, DateTimeOffset now,
        Action<SqlBatch> first)
    {
        var workflows = new Dictionary<WorkflowId, LockedWorkflow>();
        settling.LockWorkflows(batch, workflows);
        var held = settling.Look(batch);
        await batch.RunAsync();
        await LockForgottenAsync(session, held, workflows);
        await LookForTakenAsync(session, settling.Added(held), workflows);
        var writes = session.Batch();
        first(writes);
        settling.Decide(session, writes, held, workflows, now);
        session.Changes.Write(session, writes, now);
        await writes.RunAsync();
        await session.Steps.FollowAsync(session, now);
    }

    /// <summary>The workflows of steps of which the engine did not say that they are steps.</summary>
    private static async Task LockForgottenAsync(Session session, Dictionary<JobId, HeldJob> held,
        Dictionary<WorkflowId, LockedWorkflow> workflows)
    {
        var missing = held.Values.Where(h => h.Step is { } step && !workflows.ContainsKey(step.Workflow))
            .Select(static h => h.Step!.Workflow).Distinct().ToList();
        if (missing.Count > 0)
        {
            var batch = session.Batch();
            WorkflowChanges.Lock(batch, missing, w => workflows[w.Id] = w);
            await batch.RunAsync();
            foreach (var job in held.Values.Where(h => h.Step is { IsDamaged: true } step && !workflows.ContainsKey(step.Workflow))
                .ToList())
            {
                // What says that it is a step and has no workflow stands alone.
                held[job.Id] = job with { Step = null };
            }
        }
    }

    /// <summary>Each settlement behind a savepoint: the way for a flush in which something was refused that should not have been.</summary>
    private async Task SettleCarefullyAsync(Session session, SettleBatch settling, DateTimeOffset now)
    {
        foreach (var one in settling.Alone())
        {
            await SettleAloneAsync(session, settling, one, now);
        }
    }

    /// <summary>Settles one. Refused, it is tried again without what is there for people only: the outcome must not be lost for a text.
    /// Whatever is refused even so is kept by the engine.</summary>
    private async Task SettleAloneAsync(Session session, SettleBatch settling, SettleBatch one, DateTimeOffset now)
    {
        if (await session.TryAsync($"end {one.First}", () => SettleByLookingAsync(session, session.Batch(), one, now)) is not { } refused)
        {
            settling.Take(one);
            return;
        }

        // What it reported on its way may be what is refused: the settlement has the last of it.
        if (one.Noted(_noted).Count > 0 && await session
            .TryAsync($"end alone {one.First}", () => SettleByLookingAsync(session, session.Batch(), one, now, CountNotes)) is null)
        {
            Log.ProgressRefused(_logger, refused, one.First.Id, one.First.Run);
            settling.Take(one);
            return;
        }

        var marks = 0;
        foreach (var marked in one.Marked())
        {
            if (await session.TryAsync($"marked {++marks} {one.First}",
                () => SettleByLookingAsync(session, session.Batch(), marked, now, CountNotes)) is null)
            {
                Log.TextRefused(_logger, refused, one.First.Id, one.First.Run);
                settling.Take(marked);
                return;
            }
        }

        settling.Refuse(one.First, StoreFaults.Refusal(refused, $"the end of job {one.First.Id}"));
        Log.SettlementRefused(_logger, refused, one.First.Id, one.First.Run);

        void CountNotes(SqlBatch writes) => this.CountNotes(writes, one.First, one.Worker);
    }

    private static async Task WriteChangesAsync(Session session, DateTimeOffset now)
    {
        var batch = session.Batch();
        session.Changes.Write(session, batch, now);
        await batch.RunAsync();
    }

    /// <summary>The settlements and the give-backs of a flush on their way.</summary>
    private sealed class SettleBatch(Flush flush, long worker)
    {
        private readonly SettleReport?[] _reports = new SettleReport?[flush.Settlements.Count];
        private readonly Dictionary<JobId, int> _plain = [];
        private readonly List<int> _looked = [];
        private readonly List<Refusal> _refusals = [];

        public bool[] GiveBackReports { get; } = new bool[flush.GiveBacks.Count];

        /// <summary>Of jobs whose cancel was asked for and that ended before they heard of it.</summary>
        public List<(long Owner, LeaseToken Token)> SpentSignals { get; } = [];

        public bool NeedsLooking => _looked.Count + flush.GiveBacks.Count > 0;

        public long Worker => worker;

        /// <summary>What the first operation has to lock: a step's workflow, or the job.</summary>
        public JobId NeededRow => flush.Settlements is [{ Step: { } step }, ..] ? step.Workflow.Step(0) : First.Id;

        public LeaseToken First => flush.Settlements.Count > 0 ? flush.Settlements[0].Token : flush.GiveBacks[0];

        /// <summary>Every operation as one of its own.</summary>
        public IEnumerable<SettleBatch> Alone()
        {
            foreach (var settlement in flush.Settlements)
            {
                var one =
                    new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Settlements = [settlement] }, worker);
                one._looked.Add(0);
                yield return one;
            }

            foreach (var token in flush.GiveBacks)
            {
                yield return new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, GiveBacks = [token] }, worker);
            }
        }

        /// <summary>The same settlement with marks in place of texts, more of them each time.</summary>
        public IEnumerable<SettleBatch> Marked()
        {
            foreach (var all in flush.Settlements.Count == 0 ? [] : new[] { false, true })
            {
                if (flush.Settlements[0].WithMarks(all) is { } marked)
                {
                    var one =
                        new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Settlements = [marked] }, worker);
                    one._looked.Add(0);
                    yield return one;
                }
            }
        }

        /// <summary>What the database has refused.</summary>
        public IReadOnlyList<Refusal> Refusals => _refusals;

        public void Refuse(LeaseToken token, StoreException error) => _refusals.Add(new Refusal(token, error));

        private bool IsRefused(LeaseToken token) => _refusals.Exists(r => r.Token == token);

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

        /// <summary>Ends what nobody has to look at, in a statement each for what is kept and what is not.</summary>
        public void EndPlainly(SqlBatch batch, DateTimeOffset now, TimeSpan ahead, NotedJobs noted)
        {
            List<LeaseToken>? reported = null;
            var kept = new List<Ending>();
            var unkept = new List<LeaseToken>();
            List<JobId>? mayHaveErrors = null;
            for (var i = 0; i < flush.Settlements.Count; i++)
            {
                var settlement = flush.Settlements[i];
                if (!IsPlain(settlement))
                {
                    _looked.Add(i);
                    continue;
                }

                _plain[settlement.Token.Id] = i;
                if (settlement.Progress is not null || noted.Has(settlement.Token, flush.Worker))
                {
                    (reported ??= []).Add(settlement.Token);
                }

                if (settlement.KeepFor > TimeSpan.Zero)
                {
                    kept.Add(EndingOf(settlement, ahead));
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
                TakeNotes(batch, reported);
            }

            if (unkept.Count > 0)
            {
                _ = batch.Add(EndUnkeptSql).Bind(worker).BindIds(unkept, static t => t.Id.Value).BindAllInts(unkept, static t => t.Run)
                    .Each(Ended);
            }

            if (kept.Count > 0)
            {
                Bind(batch.Add(s_endKept), kept, now).BindAllInts(kept, static e => e.Run).Bind(worker).Each(Ended);
            }

            if (mayHaveErrors is not null)
            {
                _ = batch.Add(DropErrorsOfGoneSql).BindIds(mayHaveErrors, static id => id.Value);
            }
        }

        // A failed attempt that is not kept leaves no error; one that is kept has the error counted, and a step has others to tell.
        private static bool IsPlain(Settlement settlement) => settlement is { Forgive: false, Step: null, Added: null } && settlement.State
            .IsFinal() && (settlement.Error is null || settlement.KeepFor <= TimeSpan.Zero);

        private static Ending EndingOf(Settlement settlement, TimeSpan ahead) =>
            new(settlement.Token.Id, settlement.State, settlement.KeepFor)
        {
            Run = settlement.Token.Run,
            Reason = settlement.Reason,
            StartedAt = ByServer(settlement.StartedAt, ahead),
            Progress = settlement.Progress,
            Result = settlement.Result,
        };

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

        public void LockWorkflows(SqlBatch batch, Dictionary<WorkflowId, LockedWorkflow> workflows)
        {
            var known = _looked.Select(i => flush.Settlements[i].Step).OfType<StepDraft>().Select(static s => s.Workflow).ToList();
            if (known.Count > 0)
            {
                WorkflowChanges.Lock(batch, known, w => workflows[w.Id] = w);
            }
        }

        /// <summary>Reads the rows that the leases prove, once the batch has run.</summary>
        public Dictionary<JobId, HeldJob> Look(SqlBatch batch)
        {
            var tokens = _looked.Select(i => flush.Settlements[i].Token).Concat(flush.GiveBacks).ToList();
            var held = new Dictionary<JobId, HeldJob>(tokens.Count);
            _ = batch.Add(HeldSql).Bind(worker).BindIds(tokens, static t => t.Id.Value).BindAllInts(tokens, static t => t.Run).Each(row =>
            {
                var job = HeldJob.Read(row);
                held[job.Id] = job;
            });
            return held;
        }

        /// <summary>The leases among those looked at under which progress was reported.</summary>
        public IReadOnlyList<LeaseToken> Noted(NotedJobs noted)
        {
            List<LeaseToken>? reported = null;
            foreach (var i in _looked)
            {
                if (flush.Settlements[i].Progress is not null || noted.Has(flush.Settlements[i].Token, flush.Worker))
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

        public void Decide(Session session, SqlBatch writes, Dictionary<JobId, HeldJob> held,
            Dictionary<WorkflowId, LockedWorkflow> workflows, DateTimeOffset now)
        {
            foreach (var i in _looked)
            {
                var settlement = flush.Settlements[i];
                if (held.TryGetValue(settlement.Token.Id, out var job) && job.Run == settlement.Token.Run)
                {
                    _reports[i] = new SettleReport(true, Settle(session, writes, settlement, job, workflows, now));
                }
            }

            for (var i = 0; i < flush.GiveBacks.Count; i++)
            {
                var token = flush.GiveBacks[i];
                if (held.TryGetValue(token.Id, out var job) && job.Run == token.Run)
                {
                    GiveBack(session, job, now);
                    GiveBackReports[i] = true;
                }
            }
        }

        /// <summary>What was not settled.</summary>
        public List<LeaseToken> Unsettled =>
            [.. flush.Settlements.Where((s, i) => _reports[i] is null && !IsRefused(s.Token)).Select(static s => s.Token)];

        /// <summary>Those of them that prove to be steps, to be settled as such.</summary>
        public SettleBatch Forgotten(List<LeaseToken> steps)
        {
            var forgotten = new SettleBatch(new Flush { Worker = flush.Worker, Sequence = flush.Sequence,
                Settlements = [.. flush.Settlements.Where(s => steps.Contains(s.Token))] }, worker);
            forgotten._looked.AddRange(Enumerable.Range(0, steps.Count));
            return forgotten;
        }

        /// <summary>An answer a settlement.</summary>
        /// <param name="stateOf">The state of a job whose settlement was refused.</param>
        public SettleReport[] Reports(Func<JobId, JobState> stateOf) =>
            [.. flush.Settlements.Select((s, i) => _reports[i]
                ?? new SettleReport(false, IsRefused(s.Token) ? JobState.Running : stateOf(s.Token.Id)))];
    }

    /// <summary>An answer a settlement, after the commit; what was refused is looked up.</summary>
    private async Task<SettleReport[]> SettlementsAsync(Session session, SettleBatch settling, ClaimBatch? claiming, DateTimeOffset now)
    {
        var rows = new JobLookup();
        if (settling.Unsettled is not { Count: > 0 } refused)
        {
            return settling.Reports(rows.StateOf);
        }

        var batch = session.Batch();
        rows.Ask(batch, [.. refused.Select(static t => t.Id)]);
        await batch.RunAsync();

        // Held by this very lease, and not since the claims of this flush: a step of which the engine did not say so.
        var steps = claiming is null
            ? []
            : refused.FindAll(t => rows.Hot(t.Id) is { State: JobState.Running } hot && hot.Run == t.Run && hot.Owner == settling.Worker
                && !claiming.HasMet(t.Id));
        if (steps.Count > 0)
        {
            await SettleForgottenAsync(session, settling, steps, now);
        }

        return settling.Reports(id => claiming?.HasMet(id) == true ? JobState.Ready : rows.StateOf(id));
    }

    private async Task SettleForgottenAsync(Session session, SettleBatch settling, List<LeaseToken> steps, DateTimeOffset now)
    {
        var alone = SessionOn(session.Connection);
        await Session.Begin(alone.Batch(), s_flushLockTimeout).RunAsync();
        foreach (var one in settling.Forgotten(steps).Alone())
        {
            await SettleAloneAsync(alone, settling, one, now);
        }

        await alone.Batch().Add("COMMIT").RunAsync();
        session.Steps.Join(alone.Steps);
    }

    private static JobState Settle(Session session, SqlBatch writes, Settlement settlement, HeldJob job,
        Dictionary<WorkflowId, LockedWorkflow> workflows, DateTimeOffset now)
    {
        var final = settlement.State.IsFinal();
        var state = !final && job.CancelRequested ? JobState.Cancelled : settlement.State;
        var step = settlement.Step ?? job.Step;
        string? tooMany = null;
        var (firstAdded, added) = (0, 0);
        if (step is not null && state == JobState.Succeeded && settlement.Added is { Count: > 0 })
        {
            tooMany = TryAdd(session, writes, settlement, step, workflows, now, out firstAdded, out added);
            state = tooMany is null ? state : JobState.Failed;
        }

        var keepFor = final ? settlement.KeepFor : settlement.KeepCancelledFor;
        var forgiven = job.Forgiven + (settlement.Forgive ? 1 : 0);
        var ends = state.IsFinal();
        var errors = job.Errors;
        if (settlement.Error is { } error && !(ends && keepFor <= TimeSpan.Zero && step is null))
        {
            session.Changes.AddError(job.Id, ++errors,
                session.Ahead == TimeSpan.Zero ? error : error with { At = ByServer(error.At, session.Ahead) });
        }

        if (job.CancelRequested)
        {
            session.Changes.ForgetSignal(job.Owner, settlement.Token);
        }

        if (ends)
        {
            session.Changes.End(session, job, new Ending(job.Id, state, keepFor)
            {
                Reason = tooMany ?? settlement.ReasonFor(job.CancelReason),
                Forgiven = forgiven,
                Errors = errors,
                StartedAt = ByServer(settlement.StartedAt, session.Ahead),
                Progress = settlement.Progress,
                Result = final && tooMany is null ? settlement.Result : null,
                Step = step,
                Branch = state == JobState.Succeeded ? settlement.Branch : null,
                FirstAdded = firstAdded,
                Added = added,
            });
        }
        else
        {
            session.Changes.Retry(job, state, settlement.DueFrom(now), forgiven, errors, ByServer(settlement.StartedAt, session.Ahead),
                settlement.Progress, now);
        }

        return state;
    }
}
