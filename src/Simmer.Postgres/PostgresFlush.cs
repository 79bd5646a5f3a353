using System.Data;
using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Carries out flushes: one pipeline of stages (<see cref="RunAsync"/>), which is tried once more in another
/// <see cref="FlushMode"/>, or with less, where a row is refused or another transaction is in the way.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="connections">The store's connections.</param>
/// <param name="names">Gives queues and kinds their numbers.</param>
/// <param name="guard">Finds out that the database has become another one.</param>
/// <param name="noted">The jobs that have reported something.</param>
/// <param name="settlements">The stage that ends runs.</param>
/// <param name="claims">The stage that starts them.</param>
/// <param name="repeats">Answers flushes that had been committed before.</param>
/// <param name="contended">What had to wait for other transactions lately.</param>
/// <param name="transactions">Tells others of a commit.</param>
/// <param name="notifications">Tells other processes of new jobs.</param>
/// <param name="vacuuming">Told of rows that are left behind.</param>
internal sealed class PostgresFlush(PostgresContext context, StoreConnections connections, FlushNames names, DatabaseGuard guard,
    NotedJobs noted, FlushSettlements settlements, FlushClaims claims, FlushRepeats repeats, ContendedOperations contended,
    StoreTransactions transactions, Notifications notifications, Vacuuming vacuuming)
{
    /// <summary>How many flush rows of a worker stay; it repeats only its last one.</summary>
    private const int FlushRowsKept = 64;

    /// <summary>How often operations are left out before nothing is left to be tried.</summary>
    private const int MostLeftOut = 3;

    /// <summary>How often names are put back into emptied tables before the flush fails.</summary>
    private const int MostRestored = 3;

    // Locks the worker's row in share mode, so that it cannot be declared dead meanwhile. No row: the NULL is refused. Sent before: the
    // primary key refuses it, and waits for a back end that is still committing. Names without the numbers under which the flush would
    // store: the second NULL is refused.
    private static readonly string s_note =
        $"INSERT INTO simmer.flush(worker, seq, at, left_out) VALUES((SELECT id FROM simmer.worker WHERE id = $1 FOR KEY SHARE), (SELECT "
            + $"$2::bigint WHERE {NameTable.NamesHold(5)}), $3, $4)";

    private static readonly string s_noteOfNobody =
        $"INSERT INTO simmer.flush(worker, seq, at, left_out) VALUES($1, (SELECT $2::bigint WHERE {NameTable.NamesHold(5)}), $3, $4)";

    // Numbers rise from 1, and fall from -1 for what is sent apart.
    private const string TrimSql =
        "DELETE FROM simmer.flush WHERE worker = $1 AND sign(seq) = sign($2::bigint) AND abs(seq) <= abs($2)";

    private const string NoteLeftOutSql = "UPDATE simmer.flush SET left_out = $3 WHERE worker = $1 AND seq = $2";
    private const string SentBeforeSql = "SELECT 1 FROM simmer.flush WHERE worker = $1 AND seq = $2";

    /// <inheritdoc cref="IJobStore.FlushAsync"/>
    public async ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        context.State.ThrowIfNotOpen();

        // A millisecond a row, and a second a megabyte: a slow network is no lost one.
        var weight = (int)(flush.Bytes / 1_000) + flush.Settlements.Count + flush.Enqueues.Count
            + (flush.Workflows.Count == 0 ? 0 : flush.Workflows.Sum(static w => w.Steps.Count));
        var asked = context.Clock.GetTimestamp();
        try
        {
            // New names too on the flush's own connection: another may not be had where the application has used up the pool.
            noted.Add(flush.Progress, flush.Worker);
            var report = await StoreTransactions.RunAsync(flush.IsApart ? connections.Side : connections.Main,
                async (connection, attempt) =>
                {
                    await names.AddAsync(connection, flush, attempt);
                    var at = await context.Time.NowAsync(connection, now);

                    // The caller looked at its clock before the flush waited for its turn and for a connection.
                    return await TryAsync(connection, attempt, flush, at, context.Time.Ahead(at, now, asked), weight);
                }, cancellationToken);
            noted.Carried(flush, report);
            return report;
        }
        catch (StoreException e)
        {
            _ = await guard.TryMakeTablesAsync(e);
            throw;
        }
    }

    /// <summary>Tries the whole flush, and less of it where another transaction is in the way or a row is refused.</summary>
    private async Task<FlushReport> TryAsync(NpgsqlConnection connection, Attempt attempt, Flush flush, DateTimeOffset now,
        TimeSpan ahead, int weight)
    {
        if (flush.IsRepeat && await WasSentBeforeAsync(connection, flush))
        {
            // Asked before all of it is sent once more.
            return await repeats.AnswerAsync(context.SessionOn(connection, weight), flush, now);
        }

        var part = flush.IsApart ? FlushPart.Whole(flush) : FlushPart.Without(flush, contended.Among(flush));
        var mode = flush.IsApart ? FlushMode.Apart : attempt.IsCareful ? FlushMode.Careful : FlushMode.Together;
        var hasWorker = true;
        var (blocked, restored) = (0, 0);
        while (true)
        {
            // Only what goes together is prepared: a statement cannot be prepared in a transaction that an error has stopped.
            var session = context.SessionOn(connection, weight, connections.Main.IsPlain && mode == FlushMode.Together, attempt);
            session.Ahead = ahead;
            try
            {
                return await RunAsync(new FlushRun(session, part, mode, hasWorker, now,
                    mode == FlushMode.Apart ? new BlockedGuard(session, contended) : null));
            }
            catch (PostgresException refused) when (IsMissing(refused, "seq") && restored++ < MostRestored)
            {
                await session.RollBackAsync();
                await guard.RestoreNamesAsync(connection);
                await names.AddAsync(connection, flush, attempt);
            }
            catch (PostgresException refused) when (IsMissing(refused, "worker"))
            {
                await session.RollBackAsync();
                hasWorker = false;
            }
            catch (PostgresException refused)
                when (refused is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "flush_pkey" })
            {
                await session.RollBackAsync();
                return await repeats.AnswerAsync(context.SessionOn(connection, weight), flush, now);
            }
            catch (PostgresException refused)
                when (refused.SqlState == PostgresErrorCodes.LockNotAvailable && blocked < MostLeftOut && FlushPart.HasOperations(flush))
            {
                // An open transaction blocks only what needs the same rows; a lock on a whole table blocks everything.
                await session.RollBackAsync();
                blocked++;
                part = mode == FlushMode.Apart ? part
                    : blocked < MostLeftOut ? FlushPart.WithoutShared(flush, evenOwnRows: blocked > 1)
                    : FlushPart.Nothing(flush);
            }
            catch (PostgresException broke) when (connection.State != ConnectionState.Open && broke.IsAboutOneOperation())
            {
                attempt.Broke(null, broke);
                throw;
            }
            catch (Exception refused) when (mode == FlushMode.Together && refused.IsAboutOneOperation())
            {
                // One bad row must not fail its neighbours.
                await session.RollBackAsync();
                mode = FlushMode.Careful;
            }
        }
    }

    /// <summary>The pipeline. In one round trip where all goes together, no step ends and nothing has to be looked at, else in
    /// more.</summary>
    private async Task<FlushReport> RunAsync(FlushRun run)
    {
        var began = context.Clock.GetTimestamp();
        await BeginAsync(run);
        if (run.HasWorker)
        {
            await settlements.SettleAsync(run);
        }

        run.Session.Steps.Lower(context.LowWater);
        await FlushEnqueues.StoreAsync(run);
        await WorkflowBatch.StoreAsync(run);
        NoteUnstored(run);
        var claiming = await claims.ClaimAsync(run);
        await run.Batch.Add("COMMIT").RunAsync();
        Committed(run, claiming, began);
        return await ReportAsync(run, claiming);
    }

    private async Task BeginAsync(FlushRun run)
    {
        var (flush, leftOut) = (run.Flush, run.Part.LeftOut);
        var batch = run.Batch;
        _ = batch.Add(run.HasWorker ? s_note : s_noteOfNobody).Bind(flush.Worker.Value).Bind(flush.Sequence).Bind(DbTime.Of(run.Now));
        _ = leftOut is null ? batch.BindNull(NpgsqlDbType.Array | NpgsqlDbType.Integer) : batch.Bind(leftOut);
        _ = names.Of(flush).Bind(batch);
        if (flush.Sequence % FlushRowsKept == 0)
        {
            _ = batch.Add(TrimSql).Bind(flush.Worker.Value).Bind(flush.Sequence - (Math.Sign(flush.Sequence) * FlushRowsKept));
        }

        if (run.Mode != FlushMode.Together)
        {
            await batch.Add(Session.NothingDeferredSql).RunAsync();
        }
    }

    /// <summary>Notes what is not done although the flush is committed, for a repeat: most flushes have nothing of the kind.</summary>
    private static void NoteUnstored(FlushRun run)
    {
        if (run.Blocked.Count > 0)
        {
            _ = run.Batch.Add(NoteLeftOutSql).Bind(run.Flush.Worker.Value).Bind(run.Flush.Sequence).Bind(run.Blocked.ToArray());
        }

        run.Storing.NoteUnstored(run.Batch, run.Session.Names, run.Part, careful: run.Mode != FlushMode.Together);
        WorkflowBatch.NoteUnstored(run.Batch, run.Part, run.Workflows);
    }

    private void Committed(FlushRun run, ClaimBatch claiming, long began)
    {
        run.Storing.Rows.Looked(context.LowWater, began);
        transactions.Announce(run.Session.Steps);
        settlements.Committed(run);
        if (run.HasWorker && run.Mode != FlushMode.Apart)
        {
            vacuuming.Left(run.Flush.Settlements.Count + claiming.Count);
            context.Metrics.Blocked(run.Part.LeftOut?.Length ?? 0);
        }
    }

    /// <summary>After the commit: what was not settled or not stored is looked up, and what had expired is ended.</summary>
    private async Task<FlushReport> ReportAsync(FlushRun run, ClaimBatch claiming)
    {
        var session = run.Session;
        try
        {
            await claiming.WalkedAsync(session);
            var settled = await settlements.ReportAsync(session, run.Settling, run.Mode == FlushMode.Apart ? null : claiming, run.Now);
            await new EnqueueAnswers(session, run.Storing, claiming).FindAsync();
            var expired = await claims.ExpireMetAsync(session, claiming, run.Now);
            var report = new FlushReport
            {
                WorkerGone = !run.HasWorker,
                Settlements = settled,
                GiveBacks = run.Settling.GiveBackReports,
                Enqueues = run.Storing.Reports,
                Workflows = run.Workflows,
                Claims = claiming.Claims(session.Names),
                Expired = expired,
                Refusals = run.Settling.Refusals,
                SetAside = await claims.SetAsideAsync(session, claiming),
                Released = session.Steps.Report(session.Ahead),
            };
            notifications.Announce(run.Storing.ReadyQueues);
            return run.Mode == FlushMode.Apart ? FlushPart.Without(run.Flush, run.Blocked).Mark(report) : run.Part.Expand(report);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The flush itself is committed: its claims must not get lost.
            throw new StoreException($"A flush on PostgreSQL at {context.Database.Server} was committed, but its answer could not be put "
                + $"together: {e.Message}", isTransient: true, outcomeUnknown: true, inner: e);
        }
    }

    private async Task<bool> WasSentBeforeAsync(NpgsqlConnection connection, Flush flush)
    {
        var was = false;
        await context.SessionOn(connection).Batch().Add(SentBeforeSql).Bind(flush.Worker.Value).Bind(flush.Sequence)
            .Each(_ => was = true).RunAsync();
        return was;
    }

    private static bool IsMissing(PostgresException refused, string column) =>
        refused is { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "flush" } && refused.ColumnName == column;
}
