using System.Diagnostics;

namespace Simmer.Sqlite;

/// <summary>The file beside the database that is written after a commit, for other processes to watch.</summary>
/// <remarks>To watch the WAL would be wrong: it is written before the commit is visible, so a watcher would look too early, and not again.
/// There is at most one write in 5 ms, since each wakes every watcher; the last one is always sent.</remarks>
internal sealed class SignalFile(string path) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>What to watch. Linux watches the whole folder: a watcher of writes wakes at every write into the WAL beside the file, which
    /// is 3 % of a busy process. A change of the file's time is an event that nothing else in the folder makes.</summary>
    public static NotifyFilters Change =>
        OperatingSystem.IsLinux() ? NotifyFilters.Attributes : NotifyFilters.LastWrite | NotifyFilters.Size;

    private FileStream? _file;
    private long _written;
    private bool _pending;
    private byte _value;

    /// <summary>How many signals were written.</summary>
    public long Written { get; private set; }

    /// <summary>Notes that other processes have to be signalled, now or by <see cref="Tend"/>.</summary>
    public void Announce()
    {
        _pending = true;
        _ = Tend();
    }

    /// <summary>Writes a signal that was held back, if its time has come.</summary>
    /// <returns>How long until it has; infinite if nothing is held back.</returns>
    public TimeSpan Tend()
    {
        if (!_pending)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var since = Stopwatch.GetElapsedTime(_written);
        if (_written != 0 && since < s_pause)
        {
            return s_pause - since;
        }

        _pending = false;
        _written = Stopwatch.GetTimestamp();
        try
        {
            _file ??= new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            RandomAccess.Write(_file.SafeFileHandle, [++_value], 0);
            if (OperatingSystem.IsLinux())
            {
                // Any time will do: that it is set is the event.
                File.SetLastWriteTimeUtc(_file.SafeFileHandle, DateTime.UnixEpoch);
            }

            Written++;
        }
        catch (IOException)
        {
            // The hint is lost, but the other processes poll as well.
            _file?.Dispose();
            _file = null;
        }

        return Timeout.InfiniteTimeSpan;
    }

    public void Dispose() => _file?.Dispose();
}
