using Npgsql;

namespace Simmer.Servers;

/// <summary>A PostgreSQL server that tests may use as its superuser.</summary>
/// <param name="connectionString">A superuser's, of a database that is always there.</param>
public class Postgres(string connectionString)
{
    private const string SharedServer = "SIMMER_TEST_POSTGRES";

    private static readonly Lazy<Task<Postgres>> s_shared = new(OpenSharedAsync);

    /// <summary>The server that all tests of a process share: the one that the environment variable SIMMER_TEST_POSTGRES names (a
    /// superuser's connection string), or else one of its own, which ends with the process. What it stores may be lost when the machine
    /// fails.</summary>
    public static Task<Postgres> Shared => s_shared.Value;

    /// <summary>A superuser's, of the maintenance database.</summary>
    public string ConnectionString { get; } = connectionString;

    /// <summary>Creates an empty database with a name of its own.</summary>
    /// <returns>A superuser's connection string of it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"simmer_{Guid.NewGuid():N}";

        // template0, because a copy must wait for every session in its original, and into this one nobody can connect.
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Drops a database whatever is connected to it. Needed only where many are made: they all go with the server.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await ExecuteAsync($"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    /// <summary>Has psql run a script, as an administrator would.</summary>
    /// <exception cref="InvalidOperationException">A statement of it failed; with what psql said.</exception>
    public static async Task RunScriptAsync(string connectionString, string script)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script);
            await Tool.RunAsync(PostgresPrograms.Path("psql"), "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-f", file,
                $"host={to.Host} port={to.Port} dbname={to.Database} "
                    + $"user={to.Username}{(to.Password is { Length: > 0 } password ? $" password='{password}'" : "")}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Executes a statement in the maintenance database, on a connection of its own.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection =
            new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Postgres> OpenSharedAsync() =>
        Environment.GetEnvironmentVariable(SharedServer) is { Length: > 0 } given
            ? new Postgres(given)
            : await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
}
