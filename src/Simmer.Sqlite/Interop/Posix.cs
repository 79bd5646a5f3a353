using System.Runtime.InteropServices;

namespace Simmer.Sqlite;

/// <summary>What .NET does not offer: an advisory lock on a file of our own, and a wait shorter than a millisecond.</summary>
internal static partial class Posix
{
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int Unlock = 8;

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
