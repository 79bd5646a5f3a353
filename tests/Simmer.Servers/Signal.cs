using System.Runtime.InteropServices;

namespace Simmer.Servers;

/// <summary>A POSIX signal, by Linux's number.</summary>
internal readonly record struct Signal(int Number)
{
    public static readonly Signal Interrupt = new(2);
    public static readonly Signal Quit = new(3);
    public static readonly Signal Kill = new(9);
    public static readonly Signal Terminate = new(15);
    public static readonly Signal Stop = new(19);

    /// <summary>Sends it to a process; one that has ended is as good.</summary>
    public void SendTo(int process) => _ = kill(process, Number);

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
