using System.Diagnostics;
using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>The writer of all operations but the beat. Between transactions it signals its commits to other processes, looks for theirs,
/// and gives free pages back.</summary>
internal sealed class MainWriter(SqliteDatabase database, Func<SqliteSession> open, TimeSpan lockTimeout, Random random, FileGuard guard,
    ILogger logger, WriterHints hints, Checkpointer checkpointer)
    : WriterThread("simmer-sqlite-write", hints.Waker, database.Path, open, lockTimeout, random, guard, logger)
{
    private static readonly Sql s_workers = new("SELECT count(*) FROM simmer_worker");
    private static readonly TimeSpan s_vacuumPause = TimeSpan.FromSeconds(1);

    private long _otherWorkers;
    private int _changes;
    private int _ofNoConcern;
    private bool _freePagesMayBeMany;
    private long _vacuumedAt;

    /// <summary>The signals to other processes.</summary>
    public SignalFile Signals => hints.Signals;

    /// <summary>A row was changed that no other worker needs to look for: a signal would cost each of them a look. On this
    /// thread.</summary>
    public void ChangedForNobody() => _ofNoConcern++;

    protected override void BeforeCommit(SqliteSession session) =>
        _otherWorkers = (session[s_workers].Number() ?? 0) - hints.Workers.Count;

    protected override void AfterCommit(SqliteSession session)
    {
        checkpointer.Committed();
        _freePagesMayBeMany = true;
        var changes = sqlite3_total_changes(session.Handle);
        if (_otherWorkers > 0 && changes - _changes != _ofNoConcern)
        {
            Signals.Announce();
        }

        (_changes, _ofNoConcern) = (changes, 0);

        _ = Tend(session);
    }

    protected override TimeSpan Idle()
    {
        if (Session is not { } session)
        {
            return Timeout.InfiniteTimeSpan;
        }

        return Sooner(Sooner(Signals.Tend(), Tend(session)), Vacuum(session));
    }

    protected override void Closing()
    {
        _ = Signals.Tend();
        Signals.Dispose();
        base.Closing();
    }

    private TimeSpan Tend(SqliteSession session)
    {
        try
        {
            return hints.Wakeups.Tend(session);
        }
        catch (SqliteFault)
        {
            // The next operation meets the same trouble and tells its caller.
            return TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>Gives pages back to the file system while idle, 500 at a time, when over a fifth of the file is free.</summary>
    private TimeSpan Vacuum(SqliteSession session)
    {
        if (!_freePagesMayBeMany)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = s_vacuumPause - Stopwatch.GetElapsedTime(_vacuumedAt);
        if (_vacuumedAt != 0 && left > TimeSpan.Zero)
        {
            return left;
        }

        _vacuumedAt = Stopwatch.GetTimestamp();
        try
        {
            var free = long.Parse(session.Scalar("PRAGMA freelist_count") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            var all = long.Parse(session.Scalar("PRAGMA page_count") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            if (free < 500 || free * 5 < all)
            {
                _freePagesMayBeMany = false;
                return Timeout.InfiniteTimeSpan;
            }

            if (TryBegin(session, TimeSpan.Zero))
            {
                session.Execute("PRAGMA incremental_vacuum(500)");
                session.Execute("COMMIT");
                checkpointer.Committed();
                _vacuumedAt = 0;
            }

            return TimeSpan.FromMilliseconds(10);
        }
        catch (SqliteFault)
        {
            session.Rollback();
            return s_vacuumPause;
        }
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other : other == Timeout.InfiniteTimeSpan || one < other ? one : other;
}
