using System.Data.Common;
using System.Globalization;
using Npgsql;
using Simmer.Servers;

namespace Simmer.Tests.Durable;

/// <summary>A schema of its own in one PostgreSQL database of the test process.</summary>
public sealed class PostgresJobs : IJobDatabase
{
    private static readonly Lazy<Task<string>> s_database = new(static async () => await (await PostgresServer.Shared).CreateDatabaseAsync());
    private static int s_count;

    private readonly string _schema = string.Create(CultureInfo.InvariantCulture, $"jobs{Interlocked.Increment(ref s_count)}");
    private NpgsqlDataSource _own = null!;
    private string _database = null!;

    public string Counted => "SERIAL PRIMARY KEY";

    public async ValueTask CreateAsync()
    {
        _database = await s_database.Value;
        _own = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database) { SearchPath = _schema });
        await using var create = _own.CreateCommand($"CREATE SCHEMA {_schema}");
        _ = await create.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public SimmerBuilder Use(SimmerBuilder simmer) => simmer.UsePostgres(_database, o => (o.Schema, o.PartitionDays) = (_schema, 1));

    public DbConnection Open() => _own.OpenConnection();

    public async ValueTask DisposeAsync()
    {
        await using (var drop = _own.CreateCommand($"DROP SCHEMA {_schema} CASCADE"))
        {
            _ = await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }

        await _own.DisposeAsync();
    }
}
