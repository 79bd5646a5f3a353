using Microsoft.EntityFrameworkCore.Storage;

namespace Simmer.EntityFrameworkCore;

/// <summary>The first batch of a SaveChanges with jobs. It makes EF begin a transaction, and refuses one that the jobs cannot be part
/// of.</summary>
internal sealed class TransactionBatch(PendingJobs jobs) : EntitylessBatch
{
    public override void Execute(IRelationalConnection connection) => jobs.Check(connection);

    public override Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default)
    {
        jobs.Check(connection);
        return Task.CompletedTask;
    }
}
