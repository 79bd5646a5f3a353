using Npgsql;

namespace Simmer.FleetTests.Servers;

/// <summary>One unpooled connection, and one statement at a time.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private Session(NpgsqlConnection connection) => _connection = connection;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Session> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        return new Session(connection);
    }

    /// <summary>Executes a statement on a connection that is closed after it.</summary>
    public static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var session = await OpenAsync(connectionString);
        return await session.RunAsync(sql);
    }

    /// <summary>The first value of a statement's result.</summary>
    public async Task<object?> RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteScalarAsync(Token);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
