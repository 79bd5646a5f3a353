using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Simmer.Sqlite;

/// <summary>What .NET does not offer on Unix: an advisory lock on a file of our own, and a wait shorter than a millisecond.</summary>
internal static partial class Posix
{
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int Unlock = 8;

    private const int ReadWrite = 2;

    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Opens a file, made if need be, without the lock that .NET takes on every file it opens: it is of the same kind as
    /// ours.</summary>
    public static SafeFileHandle OpenUnlocked(string path)
    {
        // Two steps, because open() takes the mode as a variadic argument, which Apple's ABI passes elsewhere.
        if (!File.Exists(path))
        {
            var made = Creat(path, 0x1B6);
            _ = made < 0 ? 0 : Close(made);
        }

        var descriptor = Open(path, ReadWrite | CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    [LibraryImport("libc", EntryPoint = "creat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Creat(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Flock(nint descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "nanosleep", SetLastError = true)]
    public static partial int Nanosleep(in TimeSpec wanted, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
