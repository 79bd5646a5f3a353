using System.Data.Common;
using Microsoft.Data.Sqlite;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
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

        // An open connection tells the name that SQLite has found behind all links.
        return connection.DataSource.Length == 0
            ? $"it is on a database in memory, and the store is on '{_database.Path}'"
            : WhyNot(RealPath.Of(connection.DataSource));
    }

    /// <summary>The file counts, not its name: a file system may take two names for one. But SQLite names the log after the database, so
    /// who has the same file and another log shares nothing.</summary>
    private string? WhyNot(string path)
    {
        if (string.Equals(path, _database.Path,
            OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        {
            return null;
        }

        if (!FileMark.IsNumbered || FileMark.Of(path) is not { } file || file != FileMark.Of(_database.Path))
        {
            return $"it is on '{path}', and the store is on '{_database.Path}'";
        }

        return FileMark.Of(path + "-wal") is { } log && log == FileMark.Of(_database.Path + "-wal")
            ? null
            : $"it is on '{path}', a hard link to the store's '{_database.Path}': SQLite keeps a log for each name, so the two know "
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

            return Enqueue(session, requests, null, now);
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
            if (session[s_workerExists].Bind(1, worker.Value).Number() is null)
            {
                return new SettleReport(false, StateOf(session, settlement.Token.Id));
            }

            var report = Settle(session, settlement, worker.Value, now);
            Follow(session, now);
            return report;
        }, cancellationToken);
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
            _wakeups.ExpectCommit();
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

            return ValueTask.FromException<T>(StoreFaults.From(e, _database.Path, FaultPhase.Writing));
        }
    }

    /// <summary>Opens a savepoint and takes the write lock, if the caller's transaction has it not yet.</summary>
    private void BeginWithin(SqliteSession session)
    {
        session.Execute("SAVEPOINT simmer");
        var wait = new ShortWait(_options.LockTimeout, new Random(Environment.TickCount));
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
                // Somebody else is writing; the caller's transaction has only read so far.
            }
        }
    }
}
