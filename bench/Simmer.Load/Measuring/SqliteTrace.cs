using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Simmer.Load.Measuring;

/// <summary>Counts what SQLite does for this process, on every connection that is opened while it is installed: SQLite itself calls back
/// for each connection, statement and commit, so nothing in the engine needs to know. The calls cost time: lines that are traced show no
/// rates.</summary>
internal static unsafe partial class SqliteTrace
{
    private const string Library = "e_sqlite3";
    private const uint StatementBegins = 1;
    private const uint ConnectionCloses = 8;

    private static long s_statements;
    private static long s_looks;
    private static long s_commits;
    private static long s_connections;

    private static ReadOnlySpan<byte> Look => "PRAGMA data_version"u8;

    public static StoreWork Work => new(Volatile.Read(ref s_statements), Volatile.Read(ref s_looks), Volatile.Read(ref s_commits));

    /// <summary>How many traced connections are open.</summary>
    public static long Connections => Volatile.Read(ref s_connections);

    public static void Install()
    {
        Batteries_V2.Init();
        _ = AutoExtension(&Opened);
    }

    /// <summary>Connections that are open stay traced.</summary>
    public static void Uninstall() => _ = CancelAutoExtension(&Opened);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Opened(nint connection, nint error, nint api)
    {
        Interlocked.Increment(ref s_connections);
        _ = CommitHook(connection, &Committed, 0);
        return Trace(connection, StatementBegins | ConnectionCloses, &Traced, 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Traced(uint what, nint context, nint about, byte* text)
    {
        if (what == ConnectionCloses)
        {
            Interlocked.Decrement(ref s_connections);
        }
        else if (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).StartsWith(Look))
        {
            Interlocked.Increment(ref s_looks);
        }
        else
        {
            Interlocked.Increment(ref s_statements);
        }

        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Committed(nint context)
    {
        Interlocked.Increment(ref s_commits);
        return 0;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_auto_extension")]
    private static partial int AutoExtension(delegate* unmanaged[Cdecl]<nint, nint, nint, int> opened);

    [LibraryImport(Library, EntryPoint = "sqlite3_cancel_auto_extension")]
    private static partial int CancelAutoExtension(delegate* unmanaged[Cdecl]<nint, nint, nint, int> opened);

    [LibraryImport(Library, EntryPoint = "sqlite3_trace_v2")]
    private static partial int Trace(nint connection, uint what, delegate* unmanaged[Cdecl]<uint, nint, nint, byte*, int> traced,
        nint context);

    [LibraryImport(Library, EntryPoint = "sqlite3_commit_hook")]
    private static partial nint CommitHook(nint connection, delegate* unmanaged[Cdecl]<nint, int> committed, nint context);
}
