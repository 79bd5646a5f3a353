using System.Data.Common;
using Simmer.CrashTests.Worker;
using Simmer.Storage;

namespace Simmer.FleetTests.Worker;

/// <summary>The witness of a store that also works inside a caller's transaction.</summary>
internal sealed class TransactionalWitness(IJobStore store, WorkerLife life, Claims claims, Effects effects)
    : WitnessStore(store, life, claims, effects), ITransactionalStore
{
    private readonly ITransactionalStore _within = (ITransactionalStore)store;

    public string? WhyNot(DbTransaction transaction) => _within.WhyNot(transaction);

    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs, DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.EnqueueWithinAsync(transaction, jobs, now, cancellationToken);

    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.EnqueueWorkflowWithinAsync(transaction, workflow, now, cancellationToken);

    public ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.SettleWithinAsync(transaction, worker, settlement, now, cancellationToken);
}
