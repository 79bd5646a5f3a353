using System.Diagnostics;
using System.Globalization;

namespace Storefront.Tests.App;

/// <summary>The machine's own ffmpeg.</summary>
public static class Clips
{
    private const string Folder = "/usr/bin";

    /// <summary>Skips the test where there is no ffmpeg; on CI there has to be one.</summary>
    public static void Need()
    {
        if (!File.Exists($"{Folder}/ffmpeg"))
        {
            const string Message = $"{Folder}/ffmpeg is missing; install it with: apt-get install -y ffmpeg";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Message);
            Assert.Fail(Message);
        }
    }

    /// <summary>Makes an MP4 with a picture and a tone.</summary>
    public static Task MakeAsync(string path, int seconds) => RunAsync("ffmpeg",
        ["-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", $"testsrc2=size=320x240:rate=25:duration={seconds}", "-f", "lavfi", "-i",
            $"sine=duration={seconds}", "-c:v", "mpeg4", "-c:a", "aac", path]);

    /// <summary>How long a file plays.</summary>
    public static async Task<double> SecondsAsync(string path) =>
        double.Parse(await RunAsync("ffprobe", ["-loglevel", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]),
            CultureInfo.InvariantCulture);

    /// <summary>The streams of a file, such as <c>vp8,opus</c>.</summary>
    public static async Task<string> CodecsAsync(string path) =>
        string.Join(',', (await RunAsync("ffprobe", ["-loglevel", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path]))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Processes of ffmpeg that work in a folder.</summary>
    public static int RunningIn(string folder) =>
        Directory.EnumerateDirectories("/proc")
            .Count(process => CommandLineOf(process) is var line && line.Contains("ffmpeg", StringComparison.Ordinal) && line
            .Contains(folder, StringComparison.Ordinal));

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.Exists($"{process}/cmdline") ? File.ReadAllText($"{process}/cmdline") : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return "";
        }
    }

    private static async Task<string> RunAsync(string tool, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo($"{Folder}/{tool}", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);
        return output;
    }
}
