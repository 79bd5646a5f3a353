using System.Collections.Concurrent;
using System.Data.Common;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // From repeatable read on every statement sees what was committed when the transaction began.
    private const string SeesPastSql = "SELECT current_setting('transaction_isolation') IN ('repeatable read', 'serializable')";

    private const string IdentitySql = "SELECT id FROM simmer.identity";

    /// <summary>The addresses by which callers' connections were found to come to this database: a pooler's is another than the server's.</summary>
    private readonly ConcurrentDictionary<string, bool> _sameDatabase = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string? WhyNot(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction is not NpgsqlTransaction own)
        {
            return $"it is a {transaction.GetType().Name}, and the store needs a NpgsqlTransaction of Npgsql";
        }

        NpgsqlConnection? connection;
        try
        {
            // Of a transaction that has ended Npgsql still tells the connection, until it is disposed. Its isolation level it does not tell.
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

        return connection.Database == _database.Name ? null : $"it is on the database '{connection.Database}', and the store is on '{_database.Server}'";
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var requests = new EnqueueRequest[jobs.Count];
        for (var i = 0; i < requests.Length; i++)
        {
            requests[i] = new EnqueueRequest(jobs[i], Dispatch: false, Group: 1);
        }

        await AddNamesAsync(new Flush { Worker = default, Sequence = 0, Enqueues = requests }, cancellationToken);
        return await WithinAsync(transaction, async session =>
        {
            var storing = new Storing(requests, null, await TimeAsync(session.Connection, now));
            var batch = session.Batch();
            var seesPast = false;
            if (jobs.Any(static job => job.IdGiven))
            {
                _ = batch.Add(SeesPastSql).Each(row => seesPast = row.GetBoolean(0));
            }

            storing.Insert(session, batch);
            await batch.RunAsync();
            if (seesPast)
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

    /// <summary>Where jobs are as it is now, by the connection that the flush keeps: the caller may have the last one of the pool.</summary>
    private async Task<Whereabouts> WhereNowAsync(JobDraft[] jobs, CancellationToken cancellationToken) => await _main.RunAsync(async connection =>
    {
        var rows = new Whereabouts();
        var batch = SessionOn(connection).Batch();
        rows.Ask(batch, Array.ConvertAll(jobs, static job => job.Id));
        rows.AskGiven(batch, jobs);
        await batch.RunAsync();
        return rows;
    }, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The row is locked by the caller's transaction, so that nobody takes the job back before its end.</remarks>
    public async ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        var flush = new Flush { Worker = worker, Sequence = 0, Settlements = [settlement] };
        await AddNamesAsync(flush, cancellationToken);
        return await WithinAsync(transaction, async session =>
        {
            var at = await TimeAsync(session.Connection, now);
            session.Ahead = at - now;
            var settling = new Settling(flush, worker.Value).Alone().First();
            await SettleByLookingAsync(session, session.Batch(), settling, at);
            return (await SettlementsAsync(session, settling, null, at))[0];
        }, cancellationToken);
    }

    /// <summary>Works behind a savepoint of the caller's transaction, on its connection. The commit cannot be seen: so the notification is part of it.</summary>
    private async ValueTask<T> WithinAsync<T>(DbTransaction transaction, Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (WhyNot(transaction) is { } why)
        {
            throw new StoreException($"The transaction cannot be used: {why}.");
        }

        var connection = ((NpgsqlTransaction)transaction).Connection!;
        var session = SessionOn(connection);
        try
        {
            await CheckSameDatabaseAsync(session);
            await session.Batch().Add("SAVEPOINT simmer").RunAsync();
            try
            {
                var answer = await work(session);
                var batch = session.Batch().Add("RELEASE SAVEPOINT simmer");
                _wakeups.AnnounceWithin(batch, session.Steps.ReadyQueues);
                await batch.RunAsync();
                return answer;
            }
            catch (Exception e) when (e is StoreException or OperationCanceledException || e is PostgresException { Severity: not ("FATAL" or "PANIC") })
            {
                await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").Add("RELEASE SAVEPOINT simmer").RunAsync();
                throw;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw StoreFaults.FromWithin(e, _database.Server);
        }
    }

    /// <summary>A connection that came another way than the store's may be on another database of the same name.</summary>
    private async ValueTask CheckSameDatabaseAsync(Session session)
    {
        var address = session.Connection.DataSource + "/" + session.Connection.Database;
        if (!_sameDatabase.TryGetValue(address, out var same))
        {
            Guid? theirs = null;
            await session.Batch().Add("SAVEPOINT simmer_identity").RunAsync();
            try
            {
                await session.Batch().Add(IdentitySql).Each(row => theirs = row.GetGuid(0)).Add("RELEASE SAVEPOINT simmer_identity").RunAsync();
            }
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer_identity").RunAsync();
            }

            same = theirs == _identity;
            _sameDatabase[address] = same;
        }

        if (!same)
        {
            throw new StoreException($"The transaction cannot be used: it is on '{address}', which is not the database of the store on '{_database.Server}'.");
        }
    }
}
