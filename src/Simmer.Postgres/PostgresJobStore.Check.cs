using Npgsql;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Whoever owns the table may vacuum it: the owner's role, or a member of it.
    private const string CheckSql = "SELECT current_setting('server_version'), pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'simmer.job'::regclass";

    private async Task CheckAsync(NpgsqlConnection connection, long schema)
    {
        var version = "";
        await SessionOn(connection).Batch().Add(CheckSql).Each(row => (version, _vacuuming.IsAllowed) = (row.GetString(0), row.GetBoolean(1))).RunAsync();
        Log.Opened(_logger, _database.Server, version, _options.Schema, schema, _options.Wakeup);
        if (!_vacuuming.IsAllowed)
        {
            Log.NotOwner(_logger, _database.Server, _options.Schema);
        }
    }
}
