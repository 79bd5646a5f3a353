using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Simmer.Tests.Durable;

/// <summary>A SQLite file.</summary>
public sealed class SqliteJobs : IJobDatabase
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer").FullName;

    public string Counted => "INTEGER PRIMARY KEY";

    private string ConnectionString => $"Data Source={Path.Combine(_folder, "jobs.db")};Pooling=False";

    public ValueTask CreateAsync() => ValueTask.CompletedTask;

    public SimmerBuilder Use(SimmerBuilder simmer) => simmer.UseSqlite(ConnectionString);

    public DbConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
