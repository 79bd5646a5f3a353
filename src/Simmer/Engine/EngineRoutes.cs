using System.Collections.Concurrent;
using Simmer.Jobs;
using Simmer.Storage.InMemory;

namespace Simmer.Engine;

/// <summary>The routes of this process, each found once. Until engines are there no job can be enqueued.</summary>
internal sealed class EngineRoutes(InMemoryJobStore memory)
{
    private readonly ConcurrentDictionary<(JobKind Kind, string Queue), JobRoute> _routes = [];
    private StoreEngines? _engines;

    /// <summary>From now on routes lead to these engines.</summary>
    public void LeadTo(StoreEngines engines) => _engines = engines;

    /// <summary>The route of the jobs of a kind that are put into a queue.</summary>
    public JobRoute Of(JobKind kind, string queue) => _routes.GetOrAdd((kind, queue), static (key, routes) =>
    {
        var engines = routes.Engines;
        var engine = engines.Of(key.Queue);
        return new EngineRoute(key.Kind, key.Queue, engine, engine == engines.Memory ? routes.Memory.Queue(key.Queue) : null);
    }, this);

    private InMemoryJobStore Memory => memory;

    private StoreEngines Engines => _engines ?? throw new InvalidOperationException("Simmer has not been set up yet.");
}
