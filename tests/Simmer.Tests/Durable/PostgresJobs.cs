using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Simmer.Postgres;
using Simmer.Servers;

namespace Simmer.Tests.Durable;

/// <summary>A schema of its own in one PostgreSQL database of the test process.</summary>
public class PostgresJobs : IJobDatabase
{
    private TestSchema _schema = null!;
    private NpgsqlDataSource _own = null!;

    public string Counted => "SERIAL PRIMARY KEY";

    public async ValueTask CreateAsync()
    {
        _schema = await TestSchema.ReserveAsync();
        _own = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_schema.Database) { SearchPath = _schema.Name });
        await using var create = _own.CreateCommand($"CREATE SCHEMA {_schema.Name}");
        _ = await create.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public virtual SimmerBuilder Use(SimmerBuilder simmer) => simmer.UsePostgres(_schema.Database, SetUp);

    public DbConnection Open() => _own.OpenConnection();

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync();
        await _schema.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The application's own connections.</summary>
    protected NpgsqlDataSource Source => _own;

    protected void SetUp(PostgresStoreOptions options) => (options.Schema, options.PartitionDays) = (_schema.Name, 1);
}
