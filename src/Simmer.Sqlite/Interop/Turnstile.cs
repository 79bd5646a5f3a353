using Microsoft.Win32.SafeHandles;

namespace Simmer.Sqlite;

/// <summary>A lock on a file beside the database, held only while waiting for SQLite's write lock, so that whoever waits is next.</summary>
/// <remarks>The file is one of its own, because closing any descriptor of the database, its WAL or its shared index would drop SQLite's own
/// locks. Each connection opens it for itself: the lock belongs to the open file, so that two threads of a process keep each other out like
/// two processes.</remarks>
internal sealed class Turnstile : IDisposable
{
    private readonly SafeFileHandle _file;

    public Turnstile(string databasePath)
    {
        var path = databasePath + "-turn";
        _file = OperatingSystem.IsWindows()
            ? File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
            : Posix.OpenUnlocked(path);
    }

    public bool TryEnter()
    {
        if (OperatingSystem.IsWindows())
        {
            var overlapped = default(Win32.Overlapped);
            return Win32.LockFileEx(_file, Win32.LockExclusive | Win32.LockFailImmediately, 0, 1, 0, ref overlapped);
        }

        return Posix.Flock(_file.DangerousGetHandle(), Posix.LockExclusive | Posix.LockNonBlocking) == 0;
    }

    public void Leave()
    {
        if (OperatingSystem.IsWindows())
        {
            var overlapped = default(Win32.Overlapped);
            _ = Win32.UnlockFileEx(_file, 0, 1, 0, ref overlapped);
        }
        else
        {
            _ = Posix.Flock(_file.DangerousGetHandle(), Posix.Unlock);
        }
    }

    public void Dispose() => _file.Dispose();
}
