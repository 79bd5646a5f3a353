using Simmer.Engine;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Where a client's drafts go: into the engine's next flush, or into a transaction of the caller's.</summary>
internal interface IEnqueueIntake
{
    /// <summary>Whether what is stored exists only once the caller's transaction commits, which cannot be seen from here.</summary>
    bool IsUncommitted { get; }

    /// <summary>Refuses a call that could not keep its promise where it is made.</summary>
    /// <exception cref="InvalidOperationException">The call is inside a TransactionScope.</exception>
    void Check();

    /// <summary>Stores one job.</summary>
    ValueTask<EnqueueReport> StoreAsync(JobDraft draft, CancellationToken cancellationToken);

    /// <summary>Stores jobs that go to one store, all or none.</summary>
    ValueTask<IReadOnlyList<EnqueueReport>> StoreAsync(StoreEngine engine, IReadOnlyList<JobDraft> drafts,
        CancellationToken cancellationToken);

    /// <summary>Stores a workflow, whole or not at all.</summary>
    ValueTask<WorkflowReport> StoreAsync(StoreEngine engine, WorkflowDraft draft, CancellationToken cancellationToken);
}
