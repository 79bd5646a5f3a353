using System.Data.Common;
using Npgsql;
using Simmer.Servers;

namespace Simmer.Tests.Durable;

/// <summary>A schema of its own in one PostgreSQL database of the test process.</summary>
public sealed class PostgresJobs : IJobDatabase
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

    public SimmerBuilder Use(SimmerBuilder simmer) => simmer.UsePostgres(_schema.Database, o => (o.Schema, o.PartitionDays) = (_schema.Name, 1));

    public DbConnection Open() => _own.OpenConnection();

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync();
        await _schema.DisposeAsync();
    }
}
