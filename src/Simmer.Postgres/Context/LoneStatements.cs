using Npgsql;

namespace Simmer.Postgres;

/// <summary>Statements that are transactions of their own, in one round trip: without BEGIN and COMMIT wherever the role's defaults allow
/// that.</summary>
internal sealed class LoneStatements(PostgresContext context)
{
    /// <summary>Sends a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="statement">Adds it to a batch.</param>
    public Task RunAsync(NpgsqlConnection connection, Action<SqlBatch> statement) => On(connection, statement).RunAsync();

    /// <summary>The batch with a statement in it, to be sent.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="statement">Adds it to a batch.</param>
    /// <param name="isPlain">Whether it is prepared (<see cref="StoreConnection.IsPlain"/>).</param>
    public SqlBatch On(NpgsqlConnection connection, Action<SqlBatch> statement, bool isPlain = false)
    {
        var batch = context.SessionOn(connection, isPlain: isPlain).Batch();
        if (!context.Facts.HasOddDefaults)
        {
            statement(batch);
            return batch;
        }

        statement(Session.Begin(batch, context.Options.LockTimeout));
        return batch.Add("COMMIT");
    }
}
