using System.Runtime.InteropServices;

namespace Simmer.Sqlite;

/// <summary>Which file bears a name right now. The system is asked by name: to open the file and close it again would drop SQLite's locks
/// on it.</summary>
/// <param name="Device">The device it is on.</param>
/// <param name="Number">Its number there. A file keeps it as long as a process has it open, whatever becomes of its name.</param>
internal readonly partial record struct FileMark(ulong Device, ulong Number)
{
    private const int WorkingDirectory = -100;
    private const uint WantsNumber = 0x100;

    /// <summary>Stands for any file where the system tells no numbers: then only a missing file is noticed.</summary>
    private static readonly FileMark s_present = new(0, 1);

    /// <summary>Whether the system has file numbers.</summary>
    public static bool IsNumbered => s_numbered;

    private static readonly bool s_numbered = OperatingSystem.IsLinux() && NativeLibrary
        .TryGetExport(NativeLibrary.GetMainProgramHandle(), "statx", out _);

    /// <summary>The file of this name; null: there is none.</summary>
    public static FileMark? Of(string path)
    {
        if (!s_numbered)
        {
            return File.Exists(path) ? s_present : null;
        }

        return Statx(WorkingDirectory, path, 0, WantsNumber, out var answer) == 0
            ? new FileMark(((ulong)answer.DeviceMajor << 32) | answer.DeviceMinor, answer.Number)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint wanted, out Answer answer);

    // The kernel's struct statx: the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Answer
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
