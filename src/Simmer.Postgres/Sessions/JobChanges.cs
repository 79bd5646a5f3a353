using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>What is to be written of jobs that were read and locked in this transaction, all of one kind in one statement.</summary>
internal sealed class JobChanges
{
    private const string GoOnSql = """
        UPDATE simmer.job j SET state = c.state, due_at = c.due, ready_at = c.ready, forgiven = c.forgiven, errors = c.errors,
            started_at = coalesce(c.started, j.started_at),
          progress = coalesce(c.progress, j.progress), progress_text = coalesce(c.progress_text, j.progress_text),
              suspect = c.suspicion > 0, suspicion = nullif(c.suspicion, 0), owner = NULL, stuck = false, version = j.version + 1
        FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::bigint[], $8::float8[], $9::text[],
            $10::int[])
          AS c(id, state, due, ready, forgiven, errors, started, progress, progress_text, suspicion)
        WHERE j.id = ANY(ARRAY[c.id])
        """;

    private const string AddErrorsSql = """
        INSERT INTO simmer.error(job, n, run, attempt, at, type, message, detail)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[])
        ON CONFLICT (job, n) DO UPDATE
            SET run = excluded.run, attempt = excluded.attempt, at = excluded.at, type = excluded.type, message = excluded.message,
            detail = excluded.detail
        """;

    private const string TrimErrorsSql =
        "DELETE FROM simmer.error e USING unnest($1::uuid[], $2::int[]) AS t(job, n) WHERE e.job = ANY(ARRAY[t.job]) AND e.n <= t.n";
    private const string DropErrorsSql = "DELETE FROM simmer.error WHERE job = ANY($1)";
    private const string ForgetSignalsSql =
        "DELETE FROM simmer.signal s USING unnest($1::bigint[], $2::uuid[], $3::int[]) AS t(owner, job, run) WHERE s.owner = "
            + "ANY(ARRAY[t.owner]) AND s.job = t.job AND s.run = t.run";
    private const string SignalSql =
        "INSERT INTO simmer.signal(owner, job, run) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::int[]) ON CONFLICT DO NOTHING";
    private const string RequestCancelSql =
        "UPDATE simmer.job SET cancel_requested = true, reason = $2, version = version + 1 WHERE id = ANY($1) AND NOT cancel_requested";

    private readonly List<Ending> _endings = [];
    private readonly List<Row> _goOns = [];
    private readonly List<(JobId Job, int N, AttemptError Error)> _errors = [];
    private readonly List<(long Owner, LeaseToken Token)> _spentSignals = [];
    private readonly List<(long Owner, LeaseToken Token)> _signals = [];
    private string? _cancelReason;

    private readonly record struct Row(HeldJob Job, JobState State, int Suspicion, long? Due, long? Ready, int Forgiven, int Errors,
        DateTimeOffset StartedAt, ProgressNote? Progress);

    /// <summary>Ends a job: removes it from the job table and, if it is kept, adds it to the history. A step reports to the steps after
    /// it.</summary>
    public void End(Session session, HeldJob job, Ending ending)
    {
        _endings.Add(ending);
        if (ending.Step is { } step && FollowDecision.Tells(job.Pending))
        {
            session.Steps.Ledger.Ended(step.Workflow, step.Next, StepLedger.EndOf(ending.State, default), ending.Branch);
        }
    }

    /// <summary>A run is over and the job goes on: at a time, or at once at its old place.</summary>
    /// <param name="job">The job.</param>
    /// <param name="outcome">What becomes of it.</param>
    /// <param name="due">When it is due, if it is scheduled; null: now.</param>
    /// <param name="errors">How many errors it has.</param>
    /// <param name="startedAt">When its run started; default: as its row says.</param>
    /// <param name="progress">Its last report; null: as its row says.</param>
    /// <param name="now">The present time.</param>
    public void GoOn(HeldJob job, in RunOutcome outcome, DateTimeOffset? due, int errors, DateTimeOffset startedAt, ProgressNote? progress,
        DateTimeOffset now)
    {
        var isScheduled = outcome.State == JobState.Scheduled;
        _goOns.Add(new Row(job, outcome.State, outcome.Suspicion, isScheduled ? DbTime.Of(due ?? now) : null,
            isScheduled ? null : DbTime.Of(now), outcome.Forgiven, errors, startedAt, progress));
    }

    /// <summary>Adds the error that is number <paramref name="n"/> of its job; the newest 20 stay.</summary>
    public void AddError(JobId job, int n, AttemptError error) => _errors.Add((job, n, error));

    public void ForgetSignal(long owner, LeaseToken token) => _spentSignals.Add((owner, token));

    /// <summary>Tells the worker of a running job to stop it.</summary>
    public void Signal(HeldJob job, string? reason)
    {
        _signals.Add((job.Owner, job.Token));
        _cancelReason = reason;
    }

    /// <summary>The part of the transaction in which this came up was undone.</summary>
    public void Forget()
    {
        _endings.Clear();
        _goOns.Clear();
        _errors.Clear();
        _spentSignals.Clear();
        _signals.Clear();
    }

    /// <summary>Adds the statements, and is empty again.</summary>
    public void Write(Session session, SqlBatch batch, DateTimeOffset now)
    {
        if (_errors.Count > 0)
        {
            WriteErrors(batch);
        }

        if (_endings.Count > 0)
        {
            EndedRows.Finish(batch, [.. _endings], now);
            var unkept = _endings.FindAll(static e => !e.IsKept && e.Errors is null or > 0);
            if (unkept.Count > 0)
            {
                _ = batch.Add(DropErrorsSql).BindIds(unkept, static e => e.Id.Value);
            }

            _endings.Clear();
        }

        if (_goOns.Count > 0)
        {
            WriteGoOns(session, batch);
        }

        WriteSignals(batch);
    }

    private void WriteErrors(SqlBatch batch)
    {
        // A job errs once in a transaction; should it not, the last error of a number counts.
        var errors = _errors.GroupBy(static e => (e.Job, e.N)).Select(static g => g.Last()).ToList();
        _ = batch.Add(AddErrorsSql)
            .BindIds(errors, static e => e.Job.Value)
            .BindAllInts(errors, static e => e.N)
            .BindAllInts(errors, static e => e.Error.Run)
            .BindAllInts(errors, static e => e.Error.Attempt)
            .BindAllLongs(errors, static e => DbTime.Of(e.Error.At))
            .BindTexts(errors, static e => e.Error.Type)
            .BindTexts(errors, static e => e.Error.Message)
            .BindTexts(errors, static e => e.Error.Detail);
        var trims = errors.FindAll(static e => e.N > StoreRules.ErrorsKept);
        if (trims.Count > 0)
        {
            _ = batch.Add(TrimErrorsSql).BindIds(trims, static e => e.Job.Value)
                .BindAllInts(trims, static e => e.N - StoreRules.ErrorsKept);
        }

        _errors.Clear();
    }

    private void WriteGoOns(Session session, SqlBatch batch)
    {
        var rows = _goOns.ToArray();
        _goOns.Clear();
        _ = batch.Add(GoOnSql)
            .BindIds(rows, static r => r.Job.Id.Value)
            .BindAllInts(rows, static r => JobStates.Stored(r.State, r.Suspicion))
            .BindLongs(rows, static r => r.Due)
            .BindLongs(rows, static r => r.Ready)
            .BindAllInts(rows, static r => r.Forgiven)
            .BindAllInts(rows, static r => r.Errors)
            .BindLongs(rows, static r => r.StartedAt == default ? null : DbTime.Of(r.StartedAt))
            .BindDoubles(rows, static r => r.Progress?.Fraction)
            .BindTexts(rows, static r => r.Progress?.Text)
            .BindAllInts(rows, static r => r.Suspicion);
        foreach (var row in rows)
        {
            if (row.State == JobState.Ready)
            {
                session.Steps.BackAtOldPlace(row.Job.Queue, row.Job.Rank, row.Job.Seq, row.Suspicion > 0);
            }
        }
    }

    private void WriteSignals(SqlBatch batch)
    {
        if (_spentSignals.Count > 0)
        {
            Bind(batch.Add(ForgetSignalsSql), [.. _spentSignals]);
            _spentSignals.Clear();
        }

        if (_signals.Count > 0)
        {
            _ = batch.Add(RequestCancelSql).BindIds(_signals, static s => s.Token.Id.Value).Bind(_cancelReason);
            Bind(batch.Add(SignalSql), [.. _signals]);
            _signals.Clear();
        }
    }

    private static void Bind(SqlBatch batch, (long Owner, LeaseToken Token)[] signals) => batch
        .BindAllLongs(signals, static s => s.Owner)
        .BindIds(signals, static s => s.Token.Id.Value)
        .BindAllInts(signals, static s => s.Token.Run);
}
