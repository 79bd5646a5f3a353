using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage.InMemory;

namespace Simmer.Engine;

/// <summary>The way of jobs to a store of this process.</summary>
internal sealed class EngineRoute(JobKind kind, string queue, StoreEngine engine, MemoryQueue? memory)
    : LocalRoute(kind, queue, engine.Runner, engine.Runner.Queue(queue), memory)
{
    public StoreEngine Engine => engine;
}
