using System.Data;
using System.Data.Common;
using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Works behind a savepoint of a caller's transaction, on the caller's connection.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="main">The connection that the flush keeps, for what must not wait for the pool: the caller may have the last connection of
/// it.</param>
/// <param name="names">Gives queues and kinds their numbers.</param>
/// <param name="guard">Puts names back into emptied tables.</param>
/// <param name="notifications">Adds the notification to the transaction.</param>
internal sealed class CallerTransactions(PostgresContext context, StoreConnection main, FlushNames names, DatabaseGuard guard,
    Notifications notifications)
{
    // A serializable transaction conflicts with others over all that it has looked through: whole tables, where they are small.
    private const string IsolationSql = """
        SELECT current_setting('transaction_isolation'), current_setting('enable_seqscan'),
          set_config('enable_seqscan', CASE current_setting('transaction_isolation') WHEN 'serializable' THEN 'off'
              ELSE current_setting('enable_seqscan') END, true)
        """;

    private const string RestoreScansSql = "SELECT set_config('enable_seqscan', $1, true)";

    private string Server => context.Database.Server;

    /// <inheritdoc cref="ITransactionalStore.WhyNot"/>
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
            // Npgsql still returns the connection of a transaction that has ended, until that is disposed of, but not its isolation level.
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

        return connection.Database == context.Database.Name
            ? null
            : $"it is on the database '{connection.Database}', and the store is on '{Server}'";
    }

    /// <summary>Does something behind a savepoint. The commit cannot be seen: so the notification is part of the transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="flush">What is done in it, for its names.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    public async ValueTask<T> RunAsync<T>(DbTransaction transaction, Flush flush, Func<Session, Isolation, Task<T>> work,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await names.AddAsync(flush, cancellationToken);
        if (WhyNot(transaction) is { } why)
        {
            throw new StoreException($"The transaction cannot be used: {why}.");
        }

        var connection = ((NpgsqlTransaction)transaction).Connection!;
        var session = context.SessionOn(connection);
        try
        {
            var isolation = await BeginAsync(session, flush, cancellationToken);
            try
            {
                var answer = await work(session, isolation);
                var batch = session.Batch().Add("RELEASE SAVEPOINT simmer");
                if (isolation.IsSerializable)
                {
                    _ = batch.Add(RestoreScansSql).Bind(isolation.Scans).Each(static _ => { });
                }

                notifications.AnnounceWithin(batch, session.Steps.ReadyQueues);
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
            throw StoreFaults.FromWithin(e, Server);
        }
    }

    /// <summary>Opens a savepoint. A connection that came another way than the store's may be on another database of the same name, and
    /// names may have lost their numbers.</summary>
    private async ValueTask<Isolation> BeginAsync(Session session, Flush flush, CancellationToken cancellationToken)
    {
        var identity = context.Facts.Identity;
        for (var attempt = 0; ; attempt++)
        {
            Guid? theirs = null;
            var hold = false;
            var isolation = default(Isolation);
            try
            {
                await names.Of(flush).Bind(session.Batch()
                    .Add("SAVEPOINT simmer")
                    .Add(IsolationSql).Each(row => isolation = new Isolation(row.GetString(0), row.GetString(1)))
                    .Add(DatabaseGuard.SameSql)).Each(row => (theirs, hold) = (row.IsDBNull(0) ? null : row.GetGuid(0), row.GetBoolean(1)))
                    .RunAsync();
            }
            catch (PostgresException refused)
                when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                // Without Simmer's tables it is not the store's database.
                theirs = Guid.Empty;
            }

            if (hold && theirs == identity)
            {
                return isolation;
            }

            await session.Batch().Add("ROLLBACK TO SAVEPOINT simmer").Add("RELEASE SAVEPOINT simmer").RunAsync();
            if (theirs is { } other && other != identity)
            {
                throw new StoreException(
                    $"The transaction cannot be used: it is on '{session.Connection.DataSource}/{session.Connection.Database}', which is "
                    + $"not the database of the store on '{Server}'.");
            }

            if (attempt > 0)
            {
                throw new StoreException(
                    $"This transaction on PostgreSQL at {Server} does not see the names of queues or kinds that it needs: they "
                        + "were added since the transaction took its snapshot, or somebody has emptied Simmer's tables of names. " +
                    "They are there now, and nothing was stored: roll the transaction back and begin another.", isTransient: true);
            }

            _ = await main.RunAsync(async connection =>
            {
                await guard.RestoreNamesAsync(connection);
                return true;
            }, cancellationToken);
            await names.AddAsync(flush, cancellationToken);
        }
    }
}
