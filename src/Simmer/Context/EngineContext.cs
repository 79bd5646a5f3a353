using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Watching;

namespace Simmer.Context;

/// <summary>The services and settings that all parts of the engine share.</summary>
internal sealed record EngineContext(
    SimmerOptions Options,
    JobCatalog Catalog,
    TimeProvider Time,
    WorkStarter Starter,
    Func<double> Random,
    IServiceProvider Services,
    ILogger Logger,
    Mistakes Mistakes,
    SimmerMetrics Metrics,
    JobWatcher Watcher)
{
    /// <summary>In development jobs and results in memory are written and read as a database would have them, so that what cannot be is
    /// found before production.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>The wall clock, unless it has just jumped.</summary>
    public WallClock Clock { get; } = new(Time, Options.MaxClockSkew);

    public DateTimeOffset Now => Clock.Now;
}
