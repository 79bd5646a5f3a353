using System.Diagnostics;

namespace Simmer.DiskTests.Support;

/// <summary>Runs a program of the system to its end.</summary>
internal static class Tool
{
    /// <summary>Runs the program and returns whether it succeeded.</summary>
    public static bool TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
