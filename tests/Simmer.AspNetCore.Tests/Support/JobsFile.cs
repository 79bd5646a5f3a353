using Microsoft.Data.Sqlite;

namespace Simmer.AspNetCore.Tests.Support;

/// <summary>A file for the jobs of one test.</summary>
internal sealed class JobsFile : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simmer-");

    /// <summary>The connection string.</summary>
    public string Text => $"Data Source={Path.Combine(_folder.FullName, "jobs.db")};Pooling=False";

    public async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(Text);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
