using System.Runtime.InteropServices;

namespace Simmer.CrashTests.Worker;

/// <summary>This process ends at this very instruction.</summary>
internal static class Death
{
    private const int Sigkill = 9;

    public static void Now() => _ = kill(Environment.ProcessId, Sigkill);

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
