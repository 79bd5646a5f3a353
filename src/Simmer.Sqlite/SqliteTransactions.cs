using System.Data.Common;
using Microsoft.Data.Sqlite;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>What is done inside a caller's transaction, on the caller's thread and connection.</summary>
/// <param name="context">The store.</param>
internal sealed class SqliteTransactions(SqliteContext context) : ITransactionalStore
{
    /// <inheritdoc/>
    public string? WhyNot(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction is not SqliteTransaction { Connection: var connection })
        {
            return $"it is a {transaction.GetType().Name}, and the store needs a SqliteTransaction of Microsoft.Data.Sqlite";
        }

        if (connection is null)
        {
            return "it has ended already";
        }

        // An open connection returns the name that SQLite has found behind all links.
        return connection.DataSource.Length == 0
            ? $"it is on a database in memory, and the store is on '{context.Database.Path}'"
            : WhyNot(RealPath.Of(connection.DataSource));
    }

    /// <summary>Why the file of this name is not the store's. The file counts, not its name: a file system may take two names for one. But
    /// SQLite names the log after the database, so that two connections to the same file with different logs share nothing.</summary>
    private string? WhyNot(string path)
    {
        if (string.Equals(path, context.Database.Path,
            OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        {
            return null;
        }

        if (!FileMark.IsNumbered || FileMark.Of(path) is not { } file || file != FileMark.Of(context.Database.Path))
        {
            return $"it is on '{path}', and the store is on '{context.Database.Path}'";
        }

        return FileMark.Of(path + "-wal") is { } log && log == FileMark.Of(context.Database.Path + "-wal")
            ? null
            : $"it is on '{path}', a hard link to the store's '{context.Database.Path}': SQLite keeps a log for each name, so the two know "
                + "nothing of each other and destroy the database. Open it by one name, or by a symbolic link";
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return Within<IReadOnlyList<EnqueueReport>>(transaction, session =>
        {
            var requests = new EnqueueRequest[jobs.Count];
            for (var i = 0; i < requests.Length; i++)
            {
                requests[i] = new EnqueueRequest(jobs[i], Dispatch: false, Group: 1);
            }

            return EnqueueJobs.Enqueue(session, requests, null, now);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        return Within(transaction, session =>
        {
            // As in a flush: what a worker that was declared dead still owns is about to be rescued.
            if (!WorkerRows.Exists(session, worker.Value))
            {
                return new SettleReport(false, JobLookup.StateOf(session, settlement.Token.Id));
            }

            var report = SettleJobs.Settle(session, settlement, worker.Value, now);
            WorkflowFollow.Follow(session, now);
            return report;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return Within(transaction, session => WorkflowStore.Store(session, workflow, now), cancellationToken);
    }

    /// <summary>Works behind a savepoint of the caller's transaction, on the caller's thread and connection.</summary>
    private ValueTask<T> Within<T>(DbTransaction transaction, Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (WhyNot(transaction) is { } why)
        {
            throw new StoreException($"The transaction cannot be used: {why}.");
        }

        // Names are looked up afresh: what this transaction adds may be rolled back.
        using var session = new SqliteSession(((SqliteTransaction)transaction).Connection!.Handle!);
        try
        {
            BeginWithin(session);
            var answer = work(session);
            session.Execute("RELEASE simmer");
            context.Wakeups.ExpectCommit();
            return new(answer);
        }
        catch (Exception e)
        {
            // Whatever it was, a damaged row too: the caller may go on with the transaction and commit it.
            if (session.InTransaction)
            {
                session.Forget();
                _ = session.TryExecute("ROLLBACK TO simmer; RELEASE simmer");
            }

            return ValueTask.FromException<T>(StoreFaults.From(e, context.Database.Path, FaultPhase.Writing));
        }
    }

    /// <summary>Opens a savepoint and takes the write lock, if the caller's transaction has it not yet.</summary>
    private void BeginWithin(SqliteSession session)
    {
        session.Execute("SAVEPOINT simmer");
        var wait = new ShortWait(context.LockTimeout, new Random(Environment.TickCount));
        while (true)
        {
            try
            {
                session.Execute("DELETE FROM simmer_flush WHERE worker < 0");
                return;
            }
            catch (SqliteFault fault)
                when (fault.IsBusy && session.InTransaction && session.ExtendedErrorCode != SQLitePCL.raw.SQLITE_BUSY_SNAPSHOT
                && wait.Wait())
            {
                // Another connection is writing; the caller's transaction has only read so far.
            }
        }
    }
}
