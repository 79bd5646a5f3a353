using Npgsql;

namespace Simmer.Load.Running;

/// <summary>A session that began a transaction, read something, and was forgotten.</summary>
internal sealed class HeldSnapshot : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private HeldSnapshot(NpgsqlConnection connection) => _connection = connection;

    /// <summary>The session's number.</summary>
    public int Pid => _connection.ProcessID;

    public static async Task<HeldSnapshot> TakeAsync(string address)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address) { Pooling = false,
            ApplicationName = "forgotten report" }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM simmer.queue", connection);
        _ = await command.ExecuteScalarAsync();
        return new HeldSnapshot(connection);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
