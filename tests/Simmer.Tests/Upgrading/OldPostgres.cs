using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Simmer.Servers;

namespace Simmer.Tests.Upgrading;

/// <summary>A schema of PostgreSQL as it was.</summary>
public sealed class OldPostgres : IOldDatabase
{
    private TestSchema _schema = null!;

    public string Counted => "SERIAL PRIMARY KEY";

    public bool SharesUpkeepLeases => true;

    public string VersionSql => "SELECT max(version) FROM schema";

    public async ValueTask CreateAsync()
    {
        _schema = await TestSchema.ReserveAsync();
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Upgrading", "old-postgres.sql"));
        await using var connection = await _schema.ConnectAsync();
        await using var load = new NpgsqlCommand($"CREATE SCHEMA {_schema.Name};\n" + text
            .Replace("simmer_of_9e51af5", _schema.Name, StringComparison.Ordinal), connection);
        _ = await load.ExecuteNonQueryAsync();
    }

    public SimmerBuilder Use(SimmerBuilder simmer) =>
        simmer.UsePostgres(_schema.Database, o => (o.Schema, o.PartitionDays) = (_schema.Name, 1));

    public DbConnection Open()
    {
        var connection = new NpgsqlConnection(_schema.ConnectionString);
        connection.Open();
        return connection;
    }

    public IOldProcess OldProcess() => new OldPostgresProcess((NpgsqlConnection)Open(), _schema.Name);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();
}
