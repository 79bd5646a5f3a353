using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Simmer.Runtime;

namespace Simmer.EntityFrameworkCore;

/// <summary>Takes the outcomes of a context's saves and transactions, and starts the save of jobs when no entity has changed.</summary>
internal sealed class JobInterceptor(PendingJobs jobs) : ISaveChangesInterceptor, IDbTransactionInterceptor
{
    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        if (jobs.Count > 0)
        {
            if (jobs.IsUnwritten)
            {
                SaveAlone(eventData.Context!);
            }

            jobs.Saved();
        }

        return result;
    }

    public async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result,
        CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        if (jobs.Count > 0)
        {
            if (jobs.IsUnwritten)
            {
                await SaveAloneAsync(eventData.Context!, cancellationToken);
            }

            jobs.Saved();
        }

        return result;
    }

    // PostgreSQL answers the COMMIT of a transaction in which a statement has failed with a rollback, and its driver reports a commit. Such
    // a transaction refuses every other statement, so one is sent before the commit to find out.
    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        jobs.IsDoomed = false;
        if (jobs.HasSavedIn(eventData.TransactionId) && transaction.Connection is { } connection)
        {
            try
            {
                using var command = Nothing(connection, transaction);
                _ = command.ExecuteScalar();
            }
            catch (DbException)
            {
                jobs.IsDoomed = true;
            }
        }

        return result;
    }

    public async ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData,
        InterceptionResult result, CancellationToken cancellationToken = default)
    {
        CallerContext.Leave();
        jobs.IsDoomed = false;
        if (jobs.HasSavedIn(eventData.TransactionId) && transaction.Connection is { } connection)
        {
            try
            {
                await using var command = Nothing(connection, transaction);
                _ = await command.ExecuteScalarAsync(cancellationToken);
            }
            catch (DbException)
            {
                jobs.IsDoomed = true;
            }
        }

        return result;
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) =>
        jobs.Committed(eventData.TransactionId);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData,
        CancellationToken cancellationToken = default)
    {
        jobs.Committed(eventData.TransactionId);
        return Task.CompletedTask;
    }

    public void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData) => jobs.Ended(eventData.TransactionId);

    public Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData,
        CancellationToken cancellationToken = default)
    {
        jobs.Ended(eventData.TransactionId);
        return Task.CompletedTask;
    }

    public void RolledBackToSavepoint(DbTransaction transaction, TransactionEventData eventData) =>
        jobs.RolledBack(eventData.TransactionId);

    public Task RolledBackToSavepointAsync(DbTransaction transaction, TransactionEventData eventData,
        CancellationToken cancellationToken = default)
    {
        jobs.RolledBack(eventData.TransactionId);
        return Task.CompletedTask;
    }

    // A commit that has failed may be tried again; until one succeeds, nothing counts as stored. After any other failure it is not known
    // what is left of the transaction.
    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData)
    {
        if (eventData.Action != "Commit")
        {
            jobs.RolledBack(eventData.TransactionId);
        }
    }

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData,
        CancellationToken cancellationToken = default)
    {
        TransactionFailed(transaction, eventData);
        return Task.CompletedTask;
    }

    private static DbCommand Nothing(DbConnection connection, DbTransaction transaction)
    {
        var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, "SELECT 1");
        return command;
    }

    // Without changed entities EF writes no batches. The jobs are written here as batches would be: with the execution strategy, unless
    // transactions are switched off.
    private static void SaveAlone(DbContext context)
    {
        var (executor, connection) = (context.GetService<IBatchExecutor>(), context.GetService<IRelationalConnection>());
        if (context.Database.AutoTransactionBehavior == AutoTransactionBehavior.Never)
        {
            _ = executor.Execute([], connection);
        }
        else
        {
            _ = context.Database.CreateExecutionStrategy().Execute(() => executor.Execute([], connection));
        }
    }

    private static async Task SaveAloneAsync(DbContext context, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var (executor, connection) = (context.GetService<IBatchExecutor>(), context.GetService<IRelationalConnection>());
        if (context.Database.AutoTransactionBehavior == AutoTransactionBehavior.Never)
        {
            _ = await executor.ExecuteAsync([], connection, cancellationToken);
        }
        else
        {
            _ = await context.Database.CreateExecutionStrategy()
                .ExecuteAsync(token => executor.ExecuteAsync([], connection, token), cancellationToken);
        }
    }
}
