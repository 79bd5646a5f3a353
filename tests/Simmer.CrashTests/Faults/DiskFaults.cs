using System.ComponentModel;
using System.Diagnostics;

namespace Simmer.CrashTests.Faults;

/// <summary>The library that lets disk calls fail inside a worker process: compiled once a test run, loaded by environment
/// variables.</summary>
internal static class DiskFaults
{
    private static readonly Lazy<(string? Library, string Trouble)> s_compiled = new(Compile);

    /// <summary>Skips the test where it cannot be compiled, saying what is missing.</summary>
    public static void Need() => Assert.SkipWhen(s_compiled.Value.Library is null, s_compiled.Value.Trouble);

    /// <summary>The environment of a worker process that meets these faults.</summary>
    /// <param name="whileExists">A file: faults count and act only while it exists; null: always.</param>
    /// <param name="faults">The faults.</param>
    public static Dictionary<string, string> Environment(string? whileExists, params IEnumerable<DiskFault> faults)
    {
        Need();
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = s_compiled.Value.Library!,
            ["SIMMER_DISKFAULTS"] = string.Join(';', faults),
        };
        if (whileExists is not null)
        {
            environment["SIMMER_DISKFAULTS_WHILE"] = whileExists;
        }

        return environment;
    }

    private static (string? Library, string Trouble) Compile()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (null, "LD_PRELOAD and /proc are Linux's.");
        }

        var library = Path.Combine(Directory.CreateTempSubdirectory("simmer-diskfaults").FullName, "diskfaults.so");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(library)!, recursive: true);
        try
        {
            using var compiler = Process
                .Start(new ProcessStartInfo("cc",
                ["-shared", "-fPIC", "-O1", "-Wall", "-o", library,
                Path.Combine(AppContext.BaseDirectory, "Faults", "diskfaults.c"), "-ldl"])
            {
                RedirectStandardError = true,
            })!;
            var said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            compiler.ExitCode.ShouldBe(0, said);
            return (library, string.Empty);
        }
        catch (Win32Exception)
        {
            return (null, "A C compiler is needed: apt-get install gcc libc6-dev");
        }
    }
}
