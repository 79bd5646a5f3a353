using Npgsql;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Whoever owns the table may vacuum it: the owner's role, or a member of it.
    private const string CheckSql = """
        SELECT current_setting('server_version'), pg_has_role(c.relowner, 'USAGE'), (SELECT id FROM simmer.identity),
          current_setting('default_transaction_isolation') <> 'read committed' OR current_setting('default_transaction_read_only') = 'on'
        FROM pg_class c WHERE c.oid = 'simmer.job'::regclass
        """;

    /// <summary>Which database this is, whichever way a connection came to it.</summary>
    private Guid _identity;

    /// <summary>The role's transactions are by default not as this store needs them, so that even a single statement has to say so.</summary>
    private bool _hasOddDefaults;

    private async Task CheckAsync(NpgsqlConnection connection, long schema)
    {
        var version = "";
        await SessionOn(connection).Batch().Add(CheckSql).Each(row => (version, _vacuuming.IsAllowed, _identity, _hasOddDefaults) = (row.GetString(0), row.GetBoolean(1), row.GetGuid(2), row.GetBoolean(3))).RunAsync();
        Log.Opened(_logger, _database.Server, version, _options.Schema, schema, _options.Wakeup);
        if (!_vacuuming.IsAllowed)
        {
            Log.NotOwner(_logger, _database.Server, _options.Schema);
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
