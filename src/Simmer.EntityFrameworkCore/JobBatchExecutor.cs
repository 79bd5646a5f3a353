using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Simmer.Runtime;

namespace Simmer.EntityFrameworkCore;

/// <summary>Writes the jobs of a context among the batches of its entities: after the same savepoint, in the same transaction, and again
/// with each attempt of the execution strategy.</summary>
internal sealed class JobBatchExecutor(IBatchExecutor inner, PendingJobs jobs) : IBatchExecutor
{
    public int Execute(IEnumerable<ModificationCommandBatch> commandBatches, IRelationalConnection connection)
    {
        jobs.IsSaving = true;
        try
        {
            return inner.Execute(WithJobs(commandBatches), connection);
        }
        finally
        {
            jobs.IsSaving = false;
        }
    }

    public async Task<int> ExecuteAsync(IEnumerable<ModificationCommandBatch> commandBatches, IRelationalConnection connection,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        jobs.IsSaving = true;
        try
        {
            return await inner.ExecuteAsync(WithJobs(commandBatches), connection, cancellationToken);
        }
        finally
        {
            jobs.IsSaving = false;
        }
    }

    // The first batch decides whether EF begins a transaction. The jobs come last, so that locks on their keys are held as briefly as
    // possible, and an error of the entities is reported before one of the jobs.
    private IEnumerable<ModificationCommandBatch> WithJobs(IEnumerable<ModificationCommandBatch> batches) =>
        jobs.Count == 0 ? batches : batches.Prepend(new TransactionBatch(jobs)).Append(new JobBatch(jobs));
}
