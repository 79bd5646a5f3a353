using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.AfterResponse;

/// <summary>Puts one request's tasks into the engine: a job in memory, like any other.</summary>
internal sealed class AfterResponseLane(SimmerNode node) : IAfterResponseLane
{
    private readonly QueueLine _line = node.Memory.Runner.Line(QueueNames.AfterResponse)!;
    private readonly JobKind _kind = node.Engine.Catalog.Find(KindNames.AfterResponse)!;

    public int Capacity => _line.Options.Capacity;

    public bool TryReserve() => node.TryEnter(node.Memory, QueueNames.AfterResponse, 1);

    public void Release() => _line.Leave(1);

    public void Check(IJob job, EnqueueOptions? options) => node.Drafts.Make(job, options, node.Engine.Catalog.Of(job));

    public void Drop(AfterResponseBatch batch)
    {
        Release();
        node.Engine.Logger.TasksDropped(batch);
    }

    public void Submit(AfterResponseBatch batch)
    {
        var draft = node.Drafts.Make(batch, null, _kind);
        node.Memory.Commit.Enqueue(new SentEnqueue(draft, (_, error) => batch.Lost(node.Engine.Logger, error)));
    }
}
