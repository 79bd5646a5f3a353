using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A store that can enqueue and settle inside a caller's own transaction on its database.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public interface ITransactionalStore
{
    /// <summary>Whether the transaction belongs to this store's database.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <returns>Why the other verbs refuse it; <see langword="null"/>: they take it.</returns>
    string? WhyNot(DbTransaction transaction);

    /// <summary>Stores jobs inside the caller's transaction, all or none. They are never dispatched, because the store cannot see the
    /// commit.</summary>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of each, in the same order.</returns>
    ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Stores a workflow inside the caller's transaction, whole or not at all.</summary>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="workflow">The workflow.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it.</returns>
    ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Settles a job inside the caller's transaction, by the rules for the settlements of a flush. It takes effect with the
    /// caller's commit, and so does what follows from the end of a step.</summary>
    /// <remarks>The store cannot see the commit, so hints for released steps are sent with or after it. A settlement that throws has
    /// written nothing and leaves the caller's transaction open.</remarks>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="worker">The worker that has the lease.</param>
    /// <param name="settlement">What to do.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it. Not settled: the lease is lost, and nothing was written.</returns>
    ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now,
        CancellationToken cancellationToken);
}
