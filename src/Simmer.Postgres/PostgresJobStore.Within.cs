using System.Data;
using System.Data.Common;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // A serializable transaction conflicts with others over all that it has looked through: whole tables, where they are small.
    private const string IsolationSql = """
        SELECT current_setting('transaction_isolation'), current_setting('enable_seqscan'),
          set_config('enable_seqscan', CASE current_setting('transaction_isolation') WHEN 'serializable' THEN 'off'
              ELSE current_setting('enable_seqscan') END, true)
        """;

    private const string RestoreScansSql = "SELECT set_config('enable_seqscan', $1, true)";

    /// <inheritdoc/>
    public string? WhyNot(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction is not NpgsqlTransaction own)
        {
            return $"it is a {transaction.GetType().Name}, and the store needs an NpgsqlTransaction of Npgsql";
        }

        NpgsqlConnection? connection;
        try
        {
            // Of a transaction that has ended Npgsql still tells the connection, until it is disposed. Its isolation level it does not
            // tell.
            _ = own.IsolationLevel;
            connection = own.Connection;
        }
        catch (InvalidOperationException)
        {
            connection = null;
        }

        if (connection is null)
        {
            return "it has ended already";
        }

        return connection.Database == _database.Name
            ? null
            : $"it is on the database '{connection.Database}', and the store is on '{_database.Server}'";
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var requests = new EnqueueRequest[jobs.Count];
        for (var i = 0; i < requests.Length; i++)
        {
            requests[i] = new EnqueueRequest(jobs[i], Dispatch: false, Group: 1);
        }

        return await WithinAsync(transaction, new Flush { Worker = default, Sequence = 0, Enqueues = requests },
            async (session, isolation) =>
        {
            var storing = new EnqueueBatch(requests, null, await TimeAsync(session.Connection, now));
            var batch = session.Batch();
            storing.Insert(session, batch);
            await batch.RunAsync();
            if (isolation.SeesPast && jobs.Any(static job => job.IdGiven))
            {
                await storing.TakeBackAsync(session, given => WhereNowAsync(given, cancellationToken));
            }

            await storing.ResolveAsync(session, null);
            if (storing.RefusesRest())
            {
                await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").RunAsync();
                return storing.Reports;
            }

            foreach (var queue in storing.ReadyQueues)
            {
                session.Steps.Ready(session.Names.QueueName(queue) ?? "", queue);
            }

            return storing.Reports;
        }, cancellationToken);
    }

    /// <summary>Where jobs are as it is now, by the connection that the flush keeps: the caller may have the last one of the
    /// pool.</summary>
    private async Task<JobLookup> WhereNowAsync(JobDraft[] jobs, CancellationToken cancellationToken) =>
        await _main.RunAsync(async connection =>
    {
        var rows = new JobLookup();
        var batch = SessionOn(connection).Batch();
        rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
        rows.AskGiven(batch, jobs);
        await batch.RunAsync();
        return rows;
    }, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The row is locked by the caller's transaction, so that nobody takes the job back before its end.</remarks>
    public async ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        var flush = new Flush { Worker = worker, Sequence = 0, Settlements = [settlement] };
        return await WithinAsync(transaction, flush, async (session, isolation) =>
        {
            var at = await TimeAsync(session.Connection, now);
            session.Ahead = at - now;
            var settling = new SettleBatch(flush, worker.Value).Alone().First();
            await SettleByLookingAsync(session, session.Batch(), settling, at,
                writes => TakeNotes(writes, settlement.Token, worker.Value, isolation.SeesPast));
            var report = (await SettlementsAsync(session, settling, null, at))[0];
            _noted.EndsWithin(settlement.Token, worker);
            return report;
        }, cancellationToken);
    }

    /// <summary>Works behind a savepoint of the caller's transaction, on its connection. The commit cannot be seen: so the notification is
    /// part of it.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="flush">What is done in it, for its names.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    private async ValueTask<T> WithinAsync<T>(DbTransaction transaction, Flush flush, Func<Session, Isolation, Task<T>> work,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await AddNamesAsync(flush, cancellationToken);
        if (WhyNot(transaction) is { } why)
        {
            throw new StoreException($"The transaction cannot be used: {why}.");
        }

        var connection = ((NpgsqlTransaction)transaction).Connection!;
        var session = SessionOn(connection);
        try
        {
            var isolation = await BeginWithinAsync(session, flush, cancellationToken);
            try
            {
                var answer = await work(session, isolation);
                var batch = session.Batch().Add("RELEASE SAVEPOINT simmer");
                if (isolation.IsSerializable)
                {
                    _ = batch.Add(RestoreScansSql).Bind(isolation.Scans).Each(static _ => { });
                }

                _notifications.AnnounceWithin(batch, session.Steps.ReadyQueues);
                await batch.RunAsync();
                return answer;
            }
            catch (Exception e) when (connection.State == ConnectionState.Open
                && (e is StoreException or OperationCanceledException or PostgresException || e.IsAboutOneOperation()))
            {
                await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").Add("RELEASE SAVEPOINT simmer").RunAsync();
                throw;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or UnknownNameException or UnreadableRowException)
        {
            throw StoreFaults.FromWithin(e, _database.Server);
        }
    }

    /// <summary>How a caller's transaction sees others.</summary>
    /// <param name="Level">Its level, as the server calls it.</param>
    /// <param name="Scans">Whether its planner may look through whole tables, as it was set before.</param>
    private readonly record struct Isolation(string Level, string Scans)
    {
        public bool IsSerializable => Level == "serializable";

        /// <summary>From repeatable read on every statement sees what was committed when the transaction began.</summary>
        public bool SeesPast => IsSerializable || Level == "repeatable read";
    }

    /// <summary>Opens a savepoint. A connection that came another way than the store's may be on another database of the same name, and
    /// names may have lost their numbers.</summary>
    private async ValueTask<Isolation> BeginWithinAsync(Session session, Flush flush, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            Guid? theirs = null;
            var hold = false;
            var isolation = default(Isolation);
            try
            {
                await NamesOf(flush).Bind(session.Batch()
                    .Add("SAVEPOINT simmer")
                    .Add(IsolationSql).Each(row => isolation = new Isolation(row.GetString(0), row.GetString(1)))
                    .Add(s_same)).Each(row => (theirs, hold) = (row.IsDBNull(0) ? null : row.GetGuid(0), row.GetBoolean(1))).RunAsync();
            }
            catch (PostgresException refused)
                when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                // Without Simmer's tables it is not the store's database.
                theirs = Guid.Empty;
            }

            if (hold && theirs == _identity)
            {
                return isolation;
            }

            await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").Add("RELEASE SAVEPOINT simmer").RunAsync();
            if (theirs is { } other && other != _identity)
            {
                throw new StoreException(
                    $"The transaction cannot be used: it is on '{session.Connection.DataSource}/{session.Connection.Database}', which is "
                    + $"not the database of the store on '{_database.Server}'.");
            }

            if (attempt > 0)
            {
                throw new StoreException(
                    $"This transaction on PostgreSQL at {_database.Server} does not see the names of queues or kinds that it needs: they "
                        + "were added since the transaction took its snapshot, or somebody has emptied Simmer's tables of names. " +
                    "They are there now, and nothing was stored: roll the transaction back and begin another.", isTransient: true);
            }

            _ = await _main.RunAsync(async connection =>
            {
                await RestoreNamesAsync(connection);
                return true;
            }, cancellationToken);
            await AddNamesAsync(flush, cancellationToken);
        }
    }
}
