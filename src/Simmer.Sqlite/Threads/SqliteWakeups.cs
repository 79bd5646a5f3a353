using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Gives hints that another connection has written: the signal file is watched, and <c>data_version</c> is polled as well. It
/// costs nothing while there is no listener.</summary>
/// <remarks><c>data_version</c> is read on the writer's connection, where it changes with every commit but the writer's own.</remarks>
internal sealed class SqliteWakeups(SqliteDatabase database, ThreadWaker writer, SignalFile signals, ILogger logger)
    : IWakeups, IDisposable
{
    private static readonly Sql s_dataVersion = new("PRAGMA data_version");
    private static readonly TimeSpan s_beside = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_alone = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_within = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_withinFor = TimeSpan.FromSeconds(2);

    /// <summary>A change that no signal announced is most likely another worker's beat. Listeners are told of such changes only this
    /// often.</summary>
    private static readonly TimeSpan s_unannounced = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Action<IReadOnlyCollection<string>>[] _listeners = [];
    private FileSystemWatcher? _watcher;
    private volatile bool _signalled;
    private long _withinAt;
    private long _lookedAt;
    private long _toldAt;
    private long _version = -1;

    /// <summary>How often the watcher called.</summary>
    public long Signals { get; private set; }

    /// <summary>For tests: polls only this often beside the watcher, so that a hint must have come from a signal.</summary>
    public TimeSpan Beside { get; set; } = s_beside;

    /// <inheritdoc/>
    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint)
    {
        ArgumentNullException.ThrowIfNull(onHint);
        lock (_gate)
        {
            if (_listeners.Length == 0)
            {
                // A watcher calls back with the ambient values of the code that makes it, and keeps them alive.
                using (ExecutionContext.SuppressFlow())
                {
                    _watcher = Watch();
                }
            }

            _listeners = [.. _listeners, onHint];
        }

        writer.Wake();
        return new Listening(this, onHint);
    }

    /// <summary>To be called when a caller's transaction has stored jobs. Its commit makes no signal, so this polls often for a
    /// while.</summary>
    public void ExpectCommit()
    {
        Volatile.Write(ref _withinAt, Stopwatch.GetTimestamp());
        writer.Wake();
    }

    /// <summary>Polls whether another connection has written, if it is time to, and tells the listeners. On the writer's thread.</summary>
    /// <returns>How long until the next poll.</returns>
    public TimeSpan Tend(SqliteSession session)
    {
        var listeners = Volatile.Read(ref _listeners);
        if (listeners.Length == 0)
        {
            _version = -1;
            return Timeout.InfiniteTimeSpan;
        }

        var pause = Pause();
        var left = pause - Stopwatch.GetElapsedTime(_lookedAt);
        if (_version >= 0 && !_signalled && left > TimeSpan.Zero)
        {
            return left;
        }

        var announced = _signalled || _version < 0 || _watcher is null || HasExpected;
        _signalled = false;
        _lookedAt = Stopwatch.GetTimestamp();
        var version = session[s_dataVersion].Number() ?? 0;
        var changed = _version != version;
        _version = version;
        if (changed && (announced || Stopwatch.GetElapsedTime(_toldAt) > s_unannounced))
        {
            _toldAt = _lookedAt;
            if (HasExpected)
            {
                // The other processes cannot know that a commit of ours was to be expected.
                signals.Announce();
            }

            foreach (var listener in listeners)
            {
                listener([]);
            }
        }

        return pause;
    }

    public void Dispose() => _watcher?.Dispose();

    /// <summary>Whether a caller's transaction, of which there is no signal, may have been committed.</summary>
    private bool HasExpected => Volatile.Read(ref _withinAt) is not 0 and var within && Stopwatch.GetElapsedTime(within) < s_unannounced;

    private TimeSpan Pause() => Volatile.Read(ref _withinAt) is not 0 and var within && Stopwatch.GetElapsedTime(within) < s_withinFor
        ? s_within
        : _watcher is null ? s_alone : Beside;

    private FileSystemWatcher? Watch()
    {
        try
        {
            var path = database.SignalPath;
            if (!File.Exists(path))
            {
                File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            }

            var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path)) { NotifyFilter = SignalFile.Change };
            watcher.Changed += (_, _) => Signalled();
            watcher.Created += (_, _) => Signalled();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            Log.WatcherFailed(logger, e, database.SignalPath);
            return null;
        }
    }

    private void Signalled()
    {
        Signals++;
        _signalled = true;
        writer.Wake();
    }

    private void Leave(Action<IReadOnlyCollection<string>> onHint)
    {
        lock (_gate)
        {
            var left = new List<Action<IReadOnlyCollection<string>>>(_listeners);
            _ = left.Remove(onHint);
            _listeners = [.. left];
            if (left.Count == 0)
            {
                _watcher?.Dispose();
                _watcher = null;
            }
        }
    }

    private sealed class Listening(SqliteWakeups owner, Action<IReadOnlyCollection<string>> onHint) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                owner.Leave(onHint);
            }
        }
    }
}
