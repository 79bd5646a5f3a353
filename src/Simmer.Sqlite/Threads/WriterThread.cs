using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Simmer.Sqlite;

/// <summary>Writes. All operations that wait go into one transaction and share its sync, each behind a savepoint of its own, so that one
/// can fail alone.</summary>
internal class WriterThread : StoreThread
{
    /// <summary>A transaction takes no further operation beyond this many rows, so that other processes wait for at most about 5
    /// ms.</summary>
    private const int MaxWeight = 1000;

    private readonly Func<SqliteSession> _open;
    private readonly string _path;
    private readonly Turnstile _turnstile;
    private readonly TimeSpan _lockTimeout;
    private readonly FileGuard _guard;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly List<WorkItem> _done = [];
    private int _reopened;

    /// <param name="name">The thread's name.</param>
    /// <param name="waker">Wakes the thread.</param>
    /// <param name="path">Where the database is.</param>
    /// <param name="open">Opens the connection.</param>
    /// <param name="lockTimeout">How long a transaction waits for those of other connections.</param>
    /// <param name="random">Gives the jitter of that wait. Only this thread uses it.</param>
    /// <param name="guard">Knows why nothing may be written where SQLite would go on.</param>
    /// <param name="logger">Takes what is worth saying.</param>
    /// <exception cref="IOException">The turnstile's file cannot be opened.</exception>
    public WriterThread(string name, ThreadWaker waker, string path, Func<SqliteSession> open, TimeSpan lockTimeout, Random random,
        FileGuard guard, ILogger logger)
        : base(name, waker)
    {
        (_path, _open, _lockTimeout, _random, _guard, _logger) = (path, open, lockTimeout, random, guard, logger);
        _turnstile = new Turnstile(path);
    }

    protected SqliteSession? Session { get; private set; }

    /// <summary>Begins a transaction. A writer that waits holds the turnstile, so that a busy process cannot starve the others.</summary>
    internal bool TryBegin(SqliteSession session, TimeSpan timeout)
    {
        var wait = new ShortWait(timeout, _random);
        while (!_turnstile.TryEnter())
        {
            if (!wait.Wait())
            {
                return false;
            }
        }

        try
        {
            while (!session.TryBeginImmediate())
            {
                if (!wait.Wait())
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            _turnstile.Leave();
        }
    }

    protected override void Run(List<WorkItem> batch)
    {
        for (var next = 0; next < batch.Count;)
        {
            var first = next;
            var weight = 0;
            do
            {
                weight += batch[next++].Weight;
            }
            while (next < batch.Count && weight + batch[next].Weight <= MaxWeight);

            while (!TryRun(batch, first, next))
            {
            }
        }
    }

    /// <summary>The last statements of every transaction.</summary>
    protected virtual void BeforeCommit(SqliteSession session)
    {
    }

    /// <summary>Called after every commit, when the callers have their answers. Must not throw.</summary>
    protected virtual void AfterCommit(SqliteSession session)
    {
    }

    protected override void Closing()
    {
        Session?.Dispose();
        _turnstile.Dispose();
    }

    /// <summary>Runs a part of a batch in one transaction, and answers every item of it.</summary>
    /// <returns>False: a trigger undid the whole transaction because of one row, which is left out from now on. The other items have no
    /// answer yet, and are to be run again.</returns>
    private bool TryRun(List<WorkItem> batch, int first, int end)
    {
        _done.Clear();
        var phase = FaultPhase.Beginning;
        try
        {
            if (_guard.Obstacle is { } obstacle)
            {
                throw obstacle;
            }

            var session = Session ??= _open();
            if (!TryBegin(session, _lockTimeout))
            {
                FailAll(batch, first, end, StoreFaults.Locked(_path, _lockTimeout));
                return true;
            }

            phase = FaultPhase.Writing;
            for (var i = first; i < end; i++)
            {
                if (!batch[i].HasFailed && batch[i].TryBegin())
                {
                    RunOne(session, batch[i], alone: end - first == 1);
                }
            }

            phase = FaultPhase.Committing;
            var wrote = session.InTransaction;
            if (wrote)
            {
                session.Operation = null;
                BeforeCommit(session);
                session.Execute("COMMIT");
                session.Names.Commit();
                _guard.Confirm();
            }

            foreach (var item in _done)
            {
                item.Complete();
            }

            _reopened = 0;
            if (wrote)
            {
                AfterCommit(session);
            }
        }
        catch (Exception e)
        {
            // Nothing of the transaction is kept: what SQLite did not undo by itself is undone here, and every operation of it fails.
            Session?.Rollback();
            if (phase == FaultPhase.Writing && e is SqliteFault { IsAboutOneRow: true } && Session?.Operation is WorkItem item
                && MayLeaveOut(item, e))
            {
                return false;
            }

            var said = StoreFaults.From(e, _path, phase);
            _guard.Learn(e, said);
            FailAll(batch, first, end, said);
            if (e is SqliteFault { SpoilsConnection: true })
            {
                if (BitOperations.IsPow2(++_reopened))
                {
                    // While a disk stays broken, this is logged more and more rarely.
                    Log.ConnectionReopened(_logger, e, _path);
                }

                Session?.Dispose();
                Session = null;
            }
        }

        return true;
    }

    private bool MayLeaveOut(WorkItem item, Exception fault)
    {
        if (item.About is { } about)
        {
            item.About = null;
            return (item.LeftOut ??= []).TryAdd(about, fault);
        }

        if (item is { HasCarefulWay: true, Careful: false })
        {
            return item.Careful = true;
        }

        item.Fail(StoreFaults.From(fault, _path, FaultPhase.Writing));
        return item.HasFailed = true;
    }

    /// <summary>Runs one operation. It throws only what ends the whole transaction.</summary>
    private void RunOne(SqliteSession session, WorkItem item, bool alone)
    {
        session.Operation = item;
        if (!alone)
        {
            session.Execute("SAVEPOINT operation");
        }

        while (true)
        {
            try
            {
                item.Run(session);
                if (!alone)
                {
                    session.Execute("RELEASE operation");
                }

                _done.Add(item);
                return;
            }
            catch (Exception e) when (session.InTransaction && SqliteSession.IsAboutOneOperation(e))
            {
                // The transaction is still open: only this operation's own data was at fault.
                session.Forget();
                session.Execute(alone ? "ROLLBACK; BEGIN IMMEDIATE" : "ROLLBACK TO operation");
                if (item.HasCarefulWay && !item.Careful)
                {
                    item.Careful = true;
                    continue;
                }

                session.Execute(alone ? "ROLLBACK" : "RELEASE operation");
                item.Fail(StoreFaults.From(e, _path, FaultPhase.Writing));
                item.HasFailed = true;
                return;
            }
        }
    }

    private static void FailAll(List<WorkItem> batch, int first, int end, Exception exception)
    {
        for (var i = first; i < end; i++)
        {
            if (!batch[i].HasFailed && batch[i].TryBegin())
            {
                batch[i].Fail(exception);
            }
        }
    }
}
