using Npgsql;

namespace Simmer.Postgres;

/// <summary>Brings the database up to what the store needs, and finds out what it is like, before the first verb.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="side">The connection of upkeep.</param>
/// <param name="partitions">The history's.</param>
internal sealed class StoreOpening(PostgresContext context, StoreConnection side, PostgresPartitions partitions)
{
    // The owner of the table may vacuum it: the role itself, or a member of it.
    private const string CheckSql = """
        SELECT current_setting('server_version'), pg_has_role(c.relowner, 'USAGE'), (SELECT id FROM simmer.identity),
          current_setting('default_transaction_isolation') <> 'read committed' OR current_setting('default_transaction_read_only') = 'on'
        FROM pg_class c WHERE c.oid = 'simmer.job'::regclass
        """;

    private const string StandbySql = "SELECT pg_is_in_recovery()";

    private string Server => context.Database.Server;

    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        _ = await side.RunAsync(async connection =>
        {
            await RefuseStandbyAsync(connection);
            var schema = await new Migrator(context.Texts, Server, context.Logger)
                .BringUpAsync(connection, context.Options.Migrate, context.Options.CommandTimeout);
            await context.Names.RefreshAsync(connection);
            await CheckAsync(connection, schema);
            return true;
        }, cancellationToken);
        _ = await partitions.KeepAsync(null, cancellationToken);
    }

    private async Task CheckAsync(NpgsqlConnection connection, long schema)
    {
        var version = "";
        var facts = context.Facts;
        await context.SessionOn(connection).Batch().Add(CheckSql)
            .Each(row => (version, facts.OwnsTables, facts.Identity, facts.HasOddDefaults) =
                (row.GetString(0), row.GetBoolean(1), row.GetGuid(2), row.GetBoolean(3))).RunAsync();
        Log.Opened(context.Logger, Server, version, context.Options.Schema, schema, context.Options.Wakeup);
        if (!facts.OwnsTables)
        {
            Log.NotOwner(context.Logger, Server, context.Options.Schema);
        }
    }

    /// <summary>A standby would refuse the first write, with a message that names neither it nor the way out.</summary>
    private async Task RefuseStandbyAsync(NpgsqlConnection connection)
    {
        var isStandby = false;
        await context.SessionOn(connection).Batch().Add(StandbySql).Each(row => isStandby = row.GetBoolean(0)).RunAsync();
        if (isStandby)
        {
            throw new StoreException(
                $"PostgreSQL at {Server} is a standby, which takes no writes. Name the primary, or give Host a list of servers "
                    + "and 'Target Session Attributes=primary'.", isTransient: true);
        }
    }
}
