using System.Data.Common;
using Simmer.Context;
using Simmer.Engine;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Stores drafts in a transaction of the caller's: they exist if and only if it commits.</summary>
internal sealed class TransactionIntake(EngineContext context, DbTransaction transaction) : IEnqueueIntake
{
    public const string NoDatabase = "no database is configured that could share it; call UseSqlite(...) or UsePostgres(...)";

    public bool IsUncommitted => true;

    public void Check()
    {
        // The transaction is named, so the enqueue is part of that one, whatever surrounds it.
    }

    public async ValueTask<EnqueueReport> StoreAsync(JobDraft draft, CancellationToken cancellationToken) =>
        (await StoreAsync(draft.Engine(), [draft], cancellationToken))[0];

    public ValueTask<IReadOnlyList<EnqueueReport>> StoreAsync(StoreEngine engine, IReadOnlyList<JobDraft> drafts,
        CancellationToken cancellationToken) => StoreOf(engine, drafts[0].Queue)
            .EnqueueWithinAsync(transaction, drafts, context.Now, cancellationToken);

    public ValueTask<WorkflowReport> StoreAsync(StoreEngine engine, WorkflowDraft draft, CancellationToken cancellationToken) =>
        StoreOf(engine, draft.Steps[0].Queue).EnqueueWorkflowWithinAsync(transaction, draft, context.Now, cancellationToken);

    public static InvalidOperationException InMemory(string queue) =>
        new($"Queue '{queue}' is in memory and cannot be part of a transaction. Use a durable queue.");

    private static ITransactionalStore StoreOf(StoreEngine engine, string queue) =>
        engine.Store as ITransactionalStore ?? throw InMemory(queue);
}
