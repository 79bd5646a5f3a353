using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>A folder with one SQLite file, and hosts on it.</summary>
public abstract class SqliteFolder : IDisposable
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("simmer").FullName;

    private protected string ConnectionString => $"Data Source={Path.Combine(Folder, "jobs.db")};Pooling=False";

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected Task<EngineHost> StartAsync(Action<SimmerBuilder> configure) =>
        EngineHost.StartAsync(s => configure(s.UseSqlite(ConnectionString)));

    /// <summary>A host that only enqueues.</summary>
    private protected Task<EngineHost> StartClientAsync(Action<SimmerBuilder> configure) =>
        StartAsync(s => configure(s.Configure(static o => o.Worker.Enabled = false)));
}
