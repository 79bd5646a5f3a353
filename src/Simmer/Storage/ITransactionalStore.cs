using System.Data.Common;

namespace Simmer.Storage;

/// <summary>A store that can enqueue and settle inside a caller's own transaction on its database.</summary>
public interface ITransactionalStore
{
    /// <summary>Whether the transaction belongs to this store's database.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <returns>Whether the other verbs will take it; <see langword="null"/> when they will, else why not.</returns>
    string? WhyNot(DbTransaction transaction);

    /// <summary>Stores jobs inside the caller's transaction, all or none. They are never dispatched from here: the commit cannot be
    /// seen.</summary>
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

    /// <summary>Settles a job inside the caller's transaction, by the rules of a flush's settlements: it takes effect with the caller's
    /// commit, and so does what follows from a step that ends.</summary>
    /// <remarks>The commit cannot be seen from here, so those released are hinted behind it. A settlement that throws has written nothing
    /// and leaves the caller's transaction open.</remarks>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="worker">Whose lease it is.</param>
    /// <param name="settlement">What to do.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it. Not settled: the lease is lost, and nothing was written.</returns>
    ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now,
        CancellationToken cancellationToken);
}
