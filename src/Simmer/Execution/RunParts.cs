using Simmer.Context;
using Simmer.Enqueue;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>What the runs of one store use.</summary>
/// <param name="Context">What the engine's parts share.</param>
/// <param name="Store">The store.</param>
/// <param name="Drafts">Makes drafts of the steps that a run adds.</param>
/// <param name="Registration">This process as a worker of the store.</param>
/// <param name="Intake">What is to be sent to the store is handed over here.</param>
/// <param name="Table">The jobs that run.</param>
/// <param name="Watch">Watches the runs.</param>
/// <param name="Executor">Calls the handlers.</param>
internal sealed record RunParts(
    EngineContext Context,
    IJobStore Store,
    DraftFactory Drafts,
    WorkerRegistration Registration,
    FlushIntake Intake,
    JobTable Table,
    RunWatch Watch,
    JobExecutor Executor);
