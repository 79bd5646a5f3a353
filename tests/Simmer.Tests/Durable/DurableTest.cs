using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>The ground of tests of hosts that share a database.</summary>
public abstract class DurableTest<TDatabase> : IAsyncLifetime
    where TDatabase : IJobDatabase, new()
{
    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected TDatabase Database { get; } = new();

    public ValueTask InitializeAsync() => Database.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<EngineHost> StartAsync(Action<SimmerBuilder> configure) =>
        EngineHost.StartAsync(s => configure(Database.Use(s)));

    /// <summary>A host that only enqueues.</summary>
    private protected Task<EngineHost> StartClientAsync(Action<SimmerBuilder> configure) =>
        StartAsync(s => configure(s.Configure(static o => o.Worker.Enabled = false)));
}
