using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Whoever owns the table may vacuum it: the owner's role, or a member of it.
    private const string CheckSql = """
        SELECT current_setting('server_version'), pg_has_role(c.relowner, 'USAGE'), (SELECT id FROM simmer.identity),
          current_setting('default_transaction_isolation') <> 'read committed' OR current_setting('default_transaction_read_only') = 'on'
        FROM pg_class c WHERE c.oid = 'simmer.job'::regclass
        """;

    private static readonly string s_namesHold = $"SELECT {NameTable.NamesHold(1)}";

    private static readonly string s_same = $"SELECT (SELECT id FROM simmer.identity LIMIT 1), {NameTable.NamesHold(1)}";

    /// <summary>Which database this is, whichever way a connection came to it.</summary>
    private Guid _identity;

    private int _looksAgain;

    /// <summary>The role's transactions are by default not as this store needs them, so that even a single statement has to say
    /// so.</summary>
    private bool _hasOddDefaults;

    private async Task CheckAsync(NpgsqlConnection connection, long schema)
    {
        var version = "";
        await SessionOn(connection).Batch().Add(CheckSql)
            .Each(row => (version, _vacuuming.IsAllowed, _identity, _hasOddDefaults) =
            (row.GetString(0), row.GetBoolean(1), row.GetGuid(2), row.GetBoolean(3))).RunAsync();
        Log.Opened(_logger, _database.Server, version, _options.Schema, schema, _options.Wakeup);
        if (!_vacuuming.IsAllowed)
        {
            Log.NotOwner(_logger, _database.Server, _options.Schema);
        }
    }

    /// <summary>Somebody has emptied the tables of names, or they are another database's by now: what is stored from now on has the numbers
    /// that are there.</summary>
    private async Task RestoreNamesAsync(NpgsqlConnection connection)
    {
        Log.NamesGone(_logger, _database.Server, _options.Schema);
        await _names.RestoreAsync(connection, _identity);
        _kinds = null;
        _lowWater.Stale();
    }

    /// <summary>Proves that this is the database that the store was opened on, with the names that it knows. If it was made anew the store
    /// goes on with what is there; if it has no tables they are made, where that is the store's task.</summary>
    private async Task LookAgainAsync(NpgsqlConnection connection)
    {
        var (identity, hold) = (Guid.Empty, false);
        await _names.All().Bind(SessionOn(connection).Batch().Add(s_same))
            .Each(row => (identity, hold) = (row.IsDBNull(0) ? Guid.Empty : row.GetGuid(0), row.GetBoolean(1))).RunAsync();
        if (!hold || identity == Guid.Empty)
        {
            await RestoreNamesAsync(connection);
        }

        if (identity != Guid.Empty && identity != _identity)
        {
            Log.OtherDatabase(_logger, _database.Server, _options.Schema);
            _identity = identity;
        }
    }

    private async ValueTask LookAgainAsync(CancellationToken cancellationToken) => _ = await _side.RunAsync(async connection =>
    {
        await LookAgainAsync(connection);
        return true;
    }, cancellationToken);

    /// <summary>The same beside the beat, whose thread waits for nothing else; once at a time.</summary>
    private async Task LookAgainLaterAsync()
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

    /// <summary>The tables are missing: the database was dropped and made anew. If it is the store's task to make them it does, and goes on
    /// from the next call.</summary>
    private async Task<bool> TryMakeTablesAsync(StoreException error)
    {
        if (!_options.Migrate || error.InnerException is not PostgresException { SqlState: PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.InvalidSchemaName })
        {
            return false;
        }

        try
        {
            _ = await _side.RunAsync(async connection =>
            {
                _ = await new Migrator(_texts, _database.Server, _logger).BringUpAsync(connection, migrate: true, _options.CommandTimeout);
                await LookAgainAsync(connection);
                return true;
            }, CancellationToken.None);
            _partitionsMade = default;
            _ = await KeepPartitionsAsync(null, CancellationToken.None);
            return true;
        }
        catch (StoreException e)
        {
            Log.TablesNotMade(_logger, e, _database.Server, _options.Schema);
            return false;
        }
    }

    /// <summary>A standby would refuse the first write, with a message that names neither it nor the way out.</summary>
    private async Task RefuseStandbyAsync(NpgsqlConnection connection)
    {
        var isStandby = false;
        await SessionOn(connection).Batch().Add("SELECT pg_is_in_recovery()").Each(row => isStandby = row.GetBoolean(0)).RunAsync();
        if (isStandby)
        {
            throw new Storage.StoreException(
                $"PostgreSQL at {_database.Server} is a standby, which takes no writes. Name the primary, or give Host a list of servers "
                    + "and 'Target Session Attributes=primary'.", isTransient: true);
        }
    }

    /// <summary>A statement that is a transaction of its own; one round trip.</summary>
    private Task RunAloneAsync(NpgsqlConnection connection, Action<SqlBatch> statement) => Alone(connection, statement).RunAsync();

    private SqlBatch Alone(NpgsqlConnection connection, Action<SqlBatch> statement, bool isPlain = false)
    {
        var batch = SessionOn(connection, isPlain: isPlain).Batch();
        if (!_hasOddDefaults)
        {
            statement(batch);
            return batch;
        }

        statement(Session.Begin(batch, _options.LockTimeout));
        return batch.Add("COMMIT");
    }
}
