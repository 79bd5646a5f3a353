using System.Globalization;
using Npgsql;

namespace Simmer.Servers;

/// <summary>A schema for one test in the one database of the test process, because making a database takes longer than most tests. The code
/// that uses it makes it; it is dropped at the end.</summary>
public sealed class TestSchema : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> s_database =
        new(static async () => await (await PostgresServer.Shared).CreateDatabaseAsync());
    private static int s_count;

    private TestSchema(string database) => Database = database;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"own{Interlocked.Increment(ref s_count)}");

    /// <summary>The connection string of the database.</summary>
    public string Database { get; }

    /// <summary>One whose connections find the tables of the schema, and no others.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(Database) { SearchPath = Name, Pooling = false }.ConnectionString;

    public static async ValueTask<TestSchema> ReserveAsync() => new(await s_database.Value);

    public async ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken = default)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await using var connection = await ConnectAsync();
        await using var drop = new NpgsqlCommand($"DROP SCHEMA IF EXISTS {Name} CASCADE", connection);
        _ = await drop.ExecuteNonQueryAsync();
    }
}
