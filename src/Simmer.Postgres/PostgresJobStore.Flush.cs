using System.Data;
using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>How many flush rows of a worker stay; it repeats only its last one.</summary>
    private const int FlushRowsKept = 64;

    // Locks the worker's row in share mode, so that nobody declares it dead meanwhile. No row: the NULL is refused. Sent before: the
    // primary key refuses it, and waits for a back end that is still committing. Names that have not the numbers any more by which the
    // flush would store: the second NULL is refused.
    private static readonly string s_noteFlush =
        $"INSERT INTO simmer.flush(worker, seq, at, left_out) VALUES((SELECT id FROM simmer.worker WHERE id = $1 FOR KEY SHARE), (SELECT "
            + $"$2::bigint WHERE {NameTable.NamesHold(5)}), $3, $4)";

    private static readonly string s_noteFlushOfNobody =
        $"INSERT INTO simmer.flush(worker, seq, at, left_out) VALUES($1, (SELECT $2::bigint WHERE {NameTable.NamesHold(5)}), $3, $4)";
    private const string LeftOutSql = "SELECT left_out FROM simmer.flush WHERE worker = $1 AND seq = $2 AND left_out IS NOT NULL";

    // Numbers rise from 1, and fall from -1 for what is sent apart.
    private const string TrimFlushesSql =
        "DELETE FROM simmer.flush WHERE worker = $1 AND sign(seq) = sign($2::bigint) AND abs(seq) <= abs($2)";
    // A constraint or a trigger that waits for the commit would refuse all of it: it speaks at the statement it is about.
    private const string NothingDeferredSql = "SET CONSTRAINTS ALL IMMEDIATE";

    private const string SentBeforeSql = "SELECT 1 FROM simmer.flush WHERE worker = $1 AND seq = $2";
    private const string WorkerExistsSql = "SELECT 1 FROM simmer.worker WHERE id = $1";

    /// <inheritdoc/>
    public async ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        ThrowIfNotOpen();

        // A millisecond a row, and a second a megabyte: a slow network is no lost one.
        var weight = (int)(flush.Bytes / 1_000) + flush.Settlements.Count + flush.Enqueues.Count
            + (flush.Workflows.Count == 0 ? 0 : flush.Workflows.Sum(static w => w.Steps.Count));
        var asked = _clock.GetTimestamp();
        try
        {
            // New names too on the flush's own connection: another may not be had where the application has used up the pool.
            _noted.Add(flush.Progress, flush.Worker);
            var report = await RunAsync(flush.IsApart ? _side : _main, async (connection, attempt) =>
            {
                await AddNamesAsync(connection, flush, attempt);
                var at = await TimeAsync(connection, now);

                // The caller looked at his clock before the flush waited for its turn and for a connection.
                var ahead = _options.LeaseClock == LeaseClock.Caller ? TimeSpan.Zero : at - now - _clock.GetElapsedTime(asked);
                return await CarryAsync(connection, attempt, flush, at, ahead, weight);
            }, cancellationToken);
            _noted.Carried(flush, report);
            return report;
        }
        catch (StoreException e)
        {
            _ = await TryMakeTablesAsync(e);
            throw;
        }
    }

    /// <summary>Tries the whole flush, and less of it where another transaction is in the way or a row is refused.</summary>
    private async Task<FlushReport> CarryAsync(NpgsqlConnection connection, Attempt attempt, Flush flush, DateTimeOffset now,
        TimeSpan ahead, int weight)
    {
        if (flush.IsRepeat && await WasSentBeforeAsync(connection, flush))
        {
            // Asked before all of it is sent once more.
            return await RememberAsync(SessionOn(connection, weight), flush, now);
        }

        var part = flush.IsApart ? FlushPart.Whole(flush) : FlushPart.Without(flush, _contended.Among(flush));
        var careful = flush.IsApart || attempt.IsCareful;
        var blocked = 0;
        var gone = false;
        var restored = 0;
        while (true)
        {
            // The careful way prepares nothing: a statement cannot be prepared in a transaction that an error has stopped.
            var session = SessionOn(connection, weight, _main.IsPlain && !flush.IsApart && !careful, attempt);
            session.Ahead = ahead;
            try
            {
                return gone ? part.Expand(await CarryWithoutWorkerAsync(session, part, now, careful))
                    : flush.IsApart ? await CarryApartAsync(session, flush, now)
                    : part.Expand(await CarryAsync(session, part, now, careful));
            }
            catch (PostgresException refused)
                when (refused is { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "flush", ColumnName: "seq" } && restored++ < 3)
            {
                await session.RollBackAsync();
                await RestoreNamesAsync(connection);
                await AddNamesAsync(connection, flush, attempt);
            }
            catch (PostgresException refused)
                when (refused is { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "flush", ColumnName: "worker" })
            {
                await session.RollBackAsync();
                gone = true;
            }
            catch (PostgresException refused) when (WasSentBefore(refused))
            {
                await session.RollBackAsync();
                return await RememberAsync(SessionOn(connection, weight), flush, now);
            }
            catch (PostgresException refused)
                when (refused.SqlState == PostgresErrorCodes.LockNotAvailable && blocked < 3 && FlushPart.HasOperations(flush))
            {
                // Whoever keeps a transaction open holds up those who need the same, and nobody else; only a lock on a whole table holds up
                // all.
                await session.RollBackAsync();
                part = blocked++ < 2 ? FlushPart.WithoutShared(flush, evenOwnRows: blocked > 1) : FlushPart.Nothing(flush);
            }
            catch (PostgresException broke) when (connection.State != ConnectionState.Open && broke.IsAboutOneOperation())
            {
                attempt.Broke(null, broke);
                throw;
            }
            catch (Exception refused) when (!careful && refused.IsAboutOneOperation())
            {
                // One bad row must not fail its neighbours: once more, each behind a savepoint.
                await session.RollBackAsync();
                careful = true;
            }
        }
    }

    private async Task<bool> WasSentBeforeAsync(NpgsqlConnection connection, Flush flush)
    {
        var was = false;
        await SessionOn(connection).Batch().Add(SentBeforeSql).Bind(flush.Worker.Value).Bind(flush.Sequence).Each(_ => was = true)
            .RunAsync();
        return was;
    }

    private static bool WasSentBefore(PostgresException refused) =>
        refused is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "flush_pkey" };

    /// <summary>In one round trip where no step ends and nothing is to be looked at, else in three.</summary>
    private async Task<FlushReport> CarryAsync(Session session, FlushPart part, DateTimeOffset now, bool careful)
    {
        var flush = part.Flush;
        var worker = flush.Worker.Value;
        var began = _clock.GetTimestamp();
        var batch = session.BeginFlush(s_flushLockTimeout);
        NoteFlush(batch, s_noteFlush, flush, part.LeftOut, now);
        ForgetSpentSignals(session);
        var settling = new SettleBatch(flush, worker);
        if (careful)
        {
            await batch.Add(NothingDeferredSql).RunAsync();
            _ = await session.TryAsync("signals", () => WriteChangesAsync(session, now));
            await SettleCarefullyAsync(session, settling, now);
            await NoteCarefullyAsync(session, flush.Progress, worker);
            batch = session.Batch();
        }
        else
        {
            settling.EndPlainly(batch, now, session.Ahead, _noted);
            if (settling.NeedsLooking)
            {
                await SettleByLookingAsync(session, batch, settling, now);
                batch = session.Batch();
            }

            Note(batch, flush.Progress, worker);
            session.Changes.Write(session, batch, now);
        }

        session.Steps.Lower(_lowWater);
        var storing = new EnqueueBatch(flush.Enqueues, worker, now);
        await StoreAsync(session, batch, storing, careful);
        storing.NoteUnstored(session, batch, part, careful);
        var workflows = await StoreWorkflowsAsync(session, batch, flush.Workflows, now, careful);
        NoteUnstored(batch, part, workflows);
        var claiming = ClaimingOf(flush, now);
        await ClaimAsync(session, batch, claiming, careful);
        await batch.Add("COMMIT").RunAsync();
        storing.Looked(_lowWater, began);
        Announce(session.Steps);
        _vacuuming.Left(flush.Settlements.Count + claiming.Count);
        _metrics.Blocked(part.LeftOut?.Length ?? 0);
        _spentSignals.AddRange(settling.SpentSignals);
        return await ReportAsync(session, settling, storing, workflows, claiming, now);
    }

    private void NoteFlush(SqlBatch batch, string sql, Flush flush, int[]? leftOut, DateTimeOffset now)
    {
        _ = batch.Add(sql).Bind(flush.Worker.Value).Bind(flush.Sequence).Bind(DbTime.Of(now));
        _ = leftOut is null ? batch.BindNull(NpgsqlDbType.Array | NpgsqlDbType.Integer) : batch.Bind(leftOut);
        _ = NamesOf(flush).Bind(batch);
        if (flush.Sequence % FlushRowsKept == 0)
        {
            _ = batch.Add(TrimFlushesSql).Bind(flush.Worker.Value).Bind(flush.Sequence - (Math.Sign(flush.Sequence) * FlushRowsKept));
        }
    }

    /// <summary>After the commit: what was not settled or not stored is looked up, and what had expired is ended.</summary>
    private async Task<FlushReport> ReportAsync(Session session, SettleBatch settling, EnqueueBatch storing, WorkflowReport[] workflows,
        ClaimBatch claiming, DateTimeOffset now)
    {
        try
        {
            await claiming.WalkedAsync(session);
            var settlements = await SettlementsAsync(session, settling, claiming.Flush.IsApart ? null : claiming, now);
            await storing.ResolveAsync(session, claiming);
            var expired = await ExpireMetAsync(session, claiming, now);
            var report = new FlushReport
            {
                Settlements = settlements,
                GiveBacks = settling.GiveBackReports,
                Enqueues = storing.Reports,
                Workflows = workflows,
                Claims = claiming.Claims(session.Names),
                Expired = expired,
                Refusals = settling.Refusals,
                SetAside = await SetAsideAsync(session, claiming),
                Released = session.Steps.Report(session.Ahead),
            };
            _notifications.Announce(storing.ReadyQueues);
            return report;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The flush itself is committed: its claims must not get lost.
            throw new StoreException(
                $"A flush on PostgreSQL at {_database.Server} was committed, but its answer could not be put together: {e.Message}",
                isTransient: true, outcomeUnknown: true, inner: e);
        }
    }

    /// <summary>The worker was declared dead: only what it enqueues counts.</summary>
    private async Task<FlushReport> CarryWithoutWorkerAsync(Session session, FlushPart part, DateTimeOffset now, bool careful)
    {
        var flush = part.Flush;
        var batch = Session.Begin(session.Batch(), s_flushLockTimeout);
        NoteFlush(batch, s_noteFlushOfNobody, flush, part.LeftOut, now);
        if (careful)
        {
            _ = batch.Add(NothingDeferredSql);
        }

        var storing = new EnqueueBatch(flush.Enqueues, null, now);
        await StoreAsync(session, batch, storing, careful);
        storing.NoteUnstored(session, batch, part, careful);
        var workflows = await StoreWorkflowsAsync(session, batch, flush.Workflows, now, careful);
        NoteUnstored(batch, part, workflows);
        await batch.Add("COMMIT").RunAsync();
        Announce(session.Steps);
        var report = await ReportAsync(session, new SettleBatch(flush, 0), storing, workflows,
            ClaimingOf(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Kinds = flush.Kinds }, now), now);
        return new FlushReport
        {
            WorkerGone = true,
            Settlements = report.Settlements,
            GiveBacks = report.GiveBacks,
            Enqueues = report.Enqueues,
            Workflows = report.Workflows,
            Released = report.Released,
        };
    }

    /// <summary>Answers a flush that had been committed before, from what is stored: the first answer is not kept anywhere. All from one
    /// look: between two of them whoever held a key may have ended.</summary>
    private async Task<FlushReport> RememberAsync(Session session, Flush flush, DateTimeOffset now)
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
        _ = batch.Add(WorkflowStatesSql).BindIds(flush.Workflows, static w => w.Id.Value)
            .Each(row => states[WorkflowId.OfStep(row.Id(0))] = (WorkflowState)row.GetInt16(1));
        await batch.RunAsync();
        var duplicates = leftOut.Where(static number => number < 0).Select(static number => ~number).ToHashSet();
        leftOut = Array.FindAll(leftOut, static number => number >= 0);

        // Whoever is alive may be looking at rows that it does not know of; what it is not told of now it asks for.
        _lowWater.Stale();
        var unexplained = leftOut.Where(number => !IsExplained(flush, number, rows)).ToHashSet();

        // A call of several of which one cannot have its id is refused whole: nothing of it is stored late.
        var calls = flush.Enqueues.Where(e => e.Group > 0 && rows.WhyTaken(e.Job) is not null).Select(static e => e.Group).ToHashSet();
        var first = flush.Settlements.Count + flush.GiveBacks.Count;
        unexplained.ExceptWith(Enumerable.Range(0, flush.Enqueues.Count).Where(i => calls.Contains(flush.Enqueues[i].Group))
            .Select(i => first + i));

        // What the rules refuse was refused before the database was asked, and is refused again.
        var ruled = new EnqueueBatch(flush.Enqueues, null, now).Reports;
        unexplained.ExceptWith(Enumerable.Range(0, ruled.Length).Where(i => ruled[i].Status == EnqueueStatus.Refused)
            .Select(i => first + i));
        var late = await StoreLateAsync(session, flush, unexplained, now);
        foreach (var refused in ruled.Where(static report => report.Status == EnqueueStatus.Refused))
        {
            late[refused.Id] = refused;
        }

        foreach (var request in flush.Enqueues.Where(e => calls.Contains(e.Group) && rows.StateOf(e.Job.Id) == JobState.Unknown))
        {
            late[request.Job.Id] = Refused(request.Job, new StoreException(rows.WhyTaken(request.Job) ?? StoreRules.RefusedWithAnother));
        }

        var part = FlushPart.Without(flush, unexplained);
        var workflows = part.Flush.Workflows.Zip(part.WorkflowNumbers, (workflow, number) =>
            new WorkflowReport(duplicates.Contains(number) ? EnqueueStatus.Duplicate : EnqueueStatus.Stored, workflow.Id,
                states.GetValueOrDefault(workflow.Id)));
        return part.Expand(Remembered(part.Flush, alive, rows, late, [.. workflows]));
    }

    /// <summary>Of calls that enqueue several at once, stores the jobs that were left out although others of the call are answered for:
    /// what stood in their way is gone, and the call cannot be sent once more without those others.</summary>
    /// <returns>The answers; their numbers are explained now.</returns>
    private async Task<Dictionary<JobId, EnqueueReport>> StoreLateAsync(Session session, Flush flush, HashSet<int> unexplained,
        DateTimeOffset now)
    {
        var first = flush.Settlements.Count + flush.GiveBacks.Count;
        var stored = flush.Enqueues.Where((e, i) => e.Group > 0 && !unexplained.Contains(first + i)).Select(static e => e.Group)
            .ToHashSet();
        var places = Enumerable.Range(0, flush.Enqueues.Count)
            .Where(i => unexplained.Contains(first + i) && stored.Contains(flush.Enqueues[i].Group)).ToList();
        if (places.Count == 0)
        {
            return [];
        }

        await LookAgainAsync(session.Connection);

        // The numbers go out of the note in the same transaction: at another repeat they would be stored once more.
        var requests = places.ConvertAll(i => new EnqueueRequest(flush.Enqueues[i].Job, Dispatch: false));
        var storing = new EnqueueBatch(requests, null, now);
        await Session.Begin(session.Batch(), s_flushLockTimeout).Add(NothingDeferredSql).RunAsync();
        foreach (var part in storing.Parts())
        {
            if (await session.TryAsync($"store {storing.IdOf(part)} late", () =>
            {
                var insert = session.Batch();
                storing.Insert(session, insert, part);
                return insert.RunAsync();
            }) is { } refused)
            {
                storing.Refuse(part, refused);
            }
        }

        var note = session.Batch();
        Doubtful.Note(note, flush, places.ConvertAll(i => (flush.Enqueues[i].Job, first + i, false)), session.Names);
        await note.Add("COMMIT").RunAsync();
        await storing.ResolveAsync(session,
            ClaimingOf(new Flush { Worker = flush.Worker, Sequence = flush.Sequence, Kinds = flush.Kinds }, now));
        _notifications.Announce(storing.ReadyQueues);
        unexplained.ExceptWith(places.Select(i => first + i));
        return requests.Select((request, i) => (request.Job.Id, storing.Reports[i])).ToDictionary();
    }

    /// <summary>Whether an enqueue that was left out has its answer: who has its id or its key, or it was stored after the
    /// commit.</summary>
    private static bool IsExplained(Flush flush, int number, JobLookup rows)
    {
        var place = number - flush.Settlements.Count - flush.GiveBacks.Count;
        return place >= 0 && place < flush.Enqueues.Count && flush.Enqueues[place].Job is var job
            && (rows.StateOf(job.Id) != JobState.Unknown || rows.WhyTaken(job) is not null || rows.Holder(job) is not null);
    }

    // It was carried out: a row that is gone had ended, one on another run was claimed since.
    private static FlushReport Remembered(Flush flush, bool alive, JobLookup rows, Dictionary<JobId, EnqueueReport> late,
        WorkflowReport[] workflows) => new()
    {
        WasRepeat = true,
        WorkerGone = !alive,
        Refusals = [.. flush.Settlements.Select(static s => s.Token).Concat(flush.GiveBacks)
            .Where(token => alive && rows.Holds(token, flush.Worker)).Select(RefusedBefore)],
        Settlements = StoreRules.Each(flush.Settlements, settlement => rows.Hot(settlement.Token.Id) is { } hot
            ? new SettleReport(hot.Owner != flush.Worker.Value || hot.Run != settlement.Token.Run, hot.State)
            : new SettleReport(true, rows.Ended(settlement.Token.Id) is var ended && ended != JobState.Unknown ? ended : settlement.State)),
        GiveBacks = StoreRules.Each(flush.GiveBacks, static _ => true),
        Enqueues = StoreRules.Each(flush.Enqueues, request => late.TryGetValue(request.Job.Id, out var answer)
            ? answer
            : Remember(rows, request, alive ? flush.Worker.Value : -1)),
        Workflows = workflows,
    };

    // The row is still on this very lease.
    private static Refusal RefusedBefore(LeaseToken token) =>
        new(token,
            new StoreException(
            $"The database refused the end of job {token.Id}, and the answer that said why was lost; it is tried again."));

    private static EnqueueReport Remember(JobLookup rows, EnqueueRequest request, long worker)
    {
        var job = request.Job;
        if (rows.WhyTaken(job) is { } why)
        {
            return Refused(job, new StoreException(why));
        }

        if (rows.Hot(job.Id) is { } hot)
        {
            var dispatched = request.Dispatch && hot.Owner == worker && hot.Run == 1;
            return new EnqueueReport(dispatched ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, hot.State);
        }

        var ended = rows.Ended(job.Id);
        return ended == JobState.Unknown && rows.Holder(job) is { } holder
            ? new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, holder.State)
            : new EnqueueReport(EnqueueStatus.Stored, job.Id, ended);
    }
}
