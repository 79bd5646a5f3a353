using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>Knows why the file must not be used any more although SQLite would go on: it lost its name, or it is damaged.</summary>
/// <remarks>SQLite goes on writing into a deleted file without an error, and what is acknowledged then is lost. So the name is checked
/// after every commit, before its callers get their answers. That costs about 2 µs a commit.</remarks>
/// <param name="path">Where the database is.</param>
/// <param name="name">The name that was configured, which may lead to the file by links. A process that opens it by that name later must
/// find the same file.</param>
/// <param name="logger">Takes what is worth saying.</param>
internal sealed class FileGuard(string path, string name, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly string[] _names = name == path ? [path, path + "-wal", path + "-shm"] : [path, path + "-wal", path + "-shm", name];
    private readonly FileMark?[] _marks = new FileMark?[name == path ? 3 : 4];
    private volatile StoreException? _gone;
    private volatile StoreException? _damaged;

    /// <summary>Why nothing may be read or written; null: nothing is known against it. A file that is back under its name may be used
    /// again.</summary>
    public StoreException? Obstacle
    {
        get
        {
            if (_damaged is { } damaged)
            {
                return damaged;
            }

            return _gone is null || Look() ? null : _gone;
        }
    }

    /// <summary>To be called when the writer has opened the database: these are the files. Files of the same names that come later are
    /// others.</summary>
    public void Opened()
    {
        for (var i = 0; i < _names.Length; i++)
        {
            // The database must stay the file that was opened first. The log and its index are made anew when no connection has them open.
            _marks[i] = i is 0 or 3 ? _marks[i] ?? FileMark.Of(_names[i]) : FileMark.Of(_names[i]);
        }
    }

    /// <summary>Whether the files still bear their names.</summary>
    public bool Look()
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (_marks[i] is { } mark && FileMark.Of(_names[i]) != mark)
            {
                Gone(_names[i]);
                return false;
            }
        }

        if (_gone is not null)
        {
            Back();
        }

        return true;
    }

    /// <summary>Throws if the files no longer have their names, because then what was just committed may be lost.</summary>
    public void Confirm()
    {
        if (!Look() && _gone is { } gone)
        {
            // If the file is put back, it has what was committed.
            throw new StoreException(gone.Message, outcomeUnknown: true);
        }
    }

    /// <summary>Learns from an error. A process neither reads nor writes a damaged file any more, because the results would be
    /// arbitrary.</summary>
    public void Learn(Exception error, StoreException said)
    {
        if (error is not SqliteFault { Code: SQLITE_CORRUPT or SQLITE_NOTADB } || _damaged is not null)
        {
            return;
        }

        lock (_gate)
        {
            if (_damaged is not null)
            {
                return;
            }

            _damaged = said;
        }

        // Here and below the log is written outside of the lock: a log that stalls would hold up every thread of the store.
        Log.FileDamaged(logger, error, path);
    }

    private void Gone(string name)
    {
        lock (_gate)
        {
            if (_gone is not null)
            {
                return;
            }

            _gone = new StoreException(
                $"The file '{name}' was deleted, moved or replaced while the SQLite database '{path}' was open. What is written now "
                    + "would be lost, so nothing is acknowledged: " +
                "put it back, or restart the process to begin with what is there.");
        }

        Log.FileGone(logger, name, path);
    }

    private void Back()
    {
        lock (_gate)
        {
            if (_gone is null)
            {
                return;
            }

            _gone = null;
        }

        Log.FileBack(logger, path);
    }
}
