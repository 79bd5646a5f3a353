using Npgsql;

namespace Simmer.Postgres;

/// <summary>Finds out that the database has become another one under a running store: emptied, restored or made anew. The store then goes
/// on with what is there.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="side">The connection of upkeep.</param>
/// <param name="partitions">The history's, which are made with its tables.</param>
internal sealed class DatabaseGuard(PostgresContext context, StoreConnection side, PostgresPartitions partitions)
{
    /// <summary>The id of the database, and whether names have their numbers still: four parameters from the first on, those of
    /// <see cref="NameCheck"/>.</summary>
    public static readonly string SameSql = $"SELECT (SELECT id FROM simmer.identity LIMIT 1), {NameTable.NamesHold(1)}";

    /// <summary>Whether names have their numbers still: four parameters, those of <see cref="NameCheck"/>.</summary>
    public static readonly string NamesHoldSql = $"SELECT {NameTable.NamesHold(1)}";

    private int _looksAgain;

    private string Server => context.Database.Server;

    /// <summary>Puts names back: their tables were emptied, or these are the tables of another database by now. What is stored from now on
    /// has the numbers that are there.</summary>
    public async Task RestoreNamesAsync(NpgsqlConnection connection)
    {
        Log.NamesGone(context.Logger, Server, context.Options.Schema);
        await context.Names.RestoreAsync(connection, context.Facts.Identity);
        context.LowWater.Stale();
    }

    /// <summary>Proves that this is the database that the store was opened on, with the names that it knows. If it was made anew the store
    /// goes on with what is there.</summary>
    public async Task LookAgainAsync(NpgsqlConnection connection)
    {
        var (identity, hold) = (Guid.Empty, false);
        await context.Names.All().Bind(context.SessionOn(connection).Batch().Add(SameSql))
            .Each(row => (identity, hold) = (row.IsDBNull(0) ? Guid.Empty : row.GetGuid(0), row.GetBoolean(1))).RunAsync();
        if (!hold || identity == Guid.Empty)
        {
            await RestoreNamesAsync(connection);
        }

        if (identity != Guid.Empty && identity != context.Facts.Identity)
        {
            Log.OtherDatabase(context.Logger, Server, context.Options.Schema);
            context.Facts.Identity = identity;
        }
    }

    /// <summary>Proves the same on the connection of upkeep.</summary>
    public async ValueTask LookAgainAsync(CancellationToken cancellationToken) => _ = await side.RunAsync(async connection =>
    {
        await LookAgainAsync(connection);
        return true;
    }, cancellationToken);

    /// <summary>Proves the same without keeping its caller, the thread of the heartbeat; one proof at a time. Missing tables are made,
    /// where that is the store's task.</summary>
    public async Task LookAgainLaterAsync()
    {
        if (Interlocked.Exchange(ref _looksAgain, 1) == 1)
        {
            return;
        }

        try
        {
            await LookAgainAsync(CancellationToken.None);
        }
        catch (StoreException e)
        {
            _ = await TryMakeTablesAsync(e);
        }
        catch (ObjectDisposedException)
        {
            // The store is closed.
        }
        finally
        {
            Volatile.Write(ref _looksAgain, 0);
        }
    }

    /// <summary>Makes the tables if an error says that they are missing, because the database was dropped and made anew, and if that is the
    /// store's task. It goes on from the next call.</summary>
    /// <returns>Whether they are there now.</returns>
    public async Task<bool> TryMakeTablesAsync(StoreException error)
    {
        if (!context.Options.Migrate || error.InnerException is not PostgresException { SqlState: PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.InvalidSchemaName })
        {
            return false;
        }

        try
        {
            _ = await side.RunAsync(async connection =>
            {
                _ = await new Migrator(context.Texts, Server, context.Logger)
                    .BringUpAsync(connection, migrate: true, context.Options.CommandTimeout);
                await LookAgainAsync(connection);
                return true;
            }, CancellationToken.None);
            partitions.Forget();
            _ = await partitions.KeepAsync(null, CancellationToken.None);
            return true;
        }
        catch (StoreException e)
        {
            Log.TablesNotMade(context.Logger, e, Server, context.Options.Schema);
            return false;
        }
    }
}
