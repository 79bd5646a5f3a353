using Npgsql;

namespace Simmer.Load.Running;

internal static class Asking
{
    /// <summary>The one value that a query in the maintenance database gives, on a connection of its own.</summary>
    public static Task<T> AskAsync<T>(this Servers.Postgres server, string sql) => AskAsync<T>(server.ConnectionString, sql);

    /// <summary>The same in a database.</summary>
    public static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var connection =
            new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
