using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Simmer.Execution;

namespace Simmer.EntityFrameworkCore;

/// <summary>Lets the jobs of a context be written among the batches of its entities: behind the same savepoint, in the same transaction,
/// and again with each attempt of the execution strategy.</summary>
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

    // The first batch decides whether there is a transaction. The jobs come last: locks on their keys are held as briefly as can be, and an
    // error of the entities is told first.
    private IEnumerable<ModificationCommandBatch> WithJobs(IEnumerable<ModificationCommandBatch> batches) =>
        jobs.Count == 0 ? batches : batches.Prepend(new TransactionBatch(jobs)).Append(new JobBatch(jobs));
}
