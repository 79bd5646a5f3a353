using Microsoft.Data.Sqlite;
using Simmer.Tests.Durable;

namespace Simmer.Tests.Upgrading;

/// <summary>A SQLite file as it was.</summary>
public sealed class OldSqlite : IOldDatabase
{
    private readonly SqliteJobs _file = new();

    public string Counted => _file.Counted;

    public bool SharesUpkeepLeases => false;

    public string VersionSql => "SELECT max(version) FROM simmer_schema";

    public async ValueTask CreateAsync()
    {
        await _file.CreateAsync();
        await using var connection = Open();
        await using var load = connection.CreateCommand();
        load.CommandText = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Upgrading", "old-sqlite.sql"));
        _ = await load.ExecuteNonQueryAsync();
    }

    public SimmerBuilder Use(SimmerBuilder simmer) => _file.Use(simmer);

    public System.Data.Common.DbConnection Open() => _file.Open();

    public IOldProcess OldProcess() => new OldSqliteProcess((SqliteConnection)Open());

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
