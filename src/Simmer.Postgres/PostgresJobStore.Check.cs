using Npgsql;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Whoever owns the table may vacuum it: the owner's role, or a member of it.
    private const string CheckSql = "SELECT current_setting('server_version'), pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'simmer.job'::regclass";

    /// <summary>Whether this role may vacuum the tables and make partitions.</summary>
    private bool _isOwner;

    private async Task CheckAsync(NpgsqlConnection connection, long schema)
    {
        var version = "";
        await SessionOn(connection).Batch().Add(CheckSql).Each(row => (version, _isOwner) = (row.GetString(0), row.GetBoolean(1))).RunAsync();
        Log.Opened(_logger, _database.Server, version, _options.Schema, schema, _options.Wakeup);
        if (!_isOwner)
        {
            Log.NotOwner(_logger, _database.Server, _options.Schema);
        }
    }
}
