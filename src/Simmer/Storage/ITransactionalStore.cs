using System.Data.Common;

namespace Simmer.Storage;

/// <summary>A store that can enqueue inside a caller's own transaction on its database.</summary>
public interface ITransactionalStore
{
    /// <summary>Whether the transaction belongs to this store's database.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <returns>Whether <see cref="EnqueueWithinAsync"/> will take it; <see langword="null"/> when it will, else why not.</returns>
    string? WhyNot(DbTransaction transaction);

    /// <summary>Stores jobs inside the caller's transaction, all or none. They are never dispatched from here: the commit cannot be seen.</summary>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of each, in the same order.</returns>
    ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Stores a workflow inside the caller's transaction, whole or not at all.</summary>
    /// <param name="transaction">The caller's open transaction.</param>
    /// <param name="workflow">The workflow.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it.</returns>
    ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now, CancellationToken cancellationToken);
}
