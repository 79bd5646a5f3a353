using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>Knows why the file must not be used any more although SQLite would go on: it lost its name, or it is damaged.</summary>
/// <remarks>SQLite writes on into a deleted file without an error, and what is acknowledged then is found by nobody. So the name is looked
/// at after every commit and before its callers are told. That costs about 2 µs a commit.</remarks>
/// <param name="path">Where the database is.</param>
/// <param name="name">The name it was given, which may lead there by links: whoever opens it by that name later must find the same
/// file.</param>
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

    /// <summary>The writer has opened the database. A file of the same name that came later is another one.</summary>
    public void Opened()
    {
        for (var i = 0; i < _names.Length; i++)
        {
            // The first database is the one, however often it is opened; the log and its index are made anew when nobody has them open.
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

    /// <summary>Throws if the files have lost their names by now: then nobody may find what was just committed.</summary>
    public void Confirm()
    {
        if (!Look() && _gone is { } gone)
        {
            // Whoever puts the file back finds in it what was committed.
            throw new StoreException(gone.Message, outcomeUnknown: true);
        }
    }

    /// <summary>Learns from an error. A damaged file is not touched again by this process: what it would read and write next is anybody's
    /// guess.</summary>
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

        // Not under the gate, here and below: a log that stalls would hold up every thread of the store.
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
