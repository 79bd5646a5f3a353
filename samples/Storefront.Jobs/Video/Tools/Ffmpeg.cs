using System.Diagnostics;
using System.Text.Json;

namespace Storefront.Video;

/// <summary>Runs ffmpeg and ffprobe as processes. No thread waits for them, and a cancelled call kills them.</summary>
public sealed class Ffmpeg(FfmpegBinary binary)
{
    private static readonly string[] s_quiet = ["-hide_banner", "-nostdin", "-loglevel", "error"];

    /// <summary>Runs ffmpeg.</summary>
    /// <param name="arguments">What it is to do; the output comes last.</param>
    /// <param name="progress">Receives how much of the output is written, several times a second.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="FfmpegException">It failed.</exception>
    public async Task RunAsync(IEnumerable<string> arguments, Action<TimeSpan>? progress, CancellationToken cancellationToken)
    {
        using var tool = Tool.Start(PathOf(binary.Path), [.. s_quiet, "-y", "-progress", "pipe:1", "-nostats", .. arguments]);
        await tool.WaitAsync(line =>
        {
            if (FfmpegProgress.TryParse(line, out var written))
            {
                progress?.Invoke(written);
            }
        }, cancellationToken);
    }

    /// <summary>Asks ffprobe what a file is. Only files are opened (the protocol list), because an uploaded container can name an address
    /// elsewhere.</summary>
    /// <exception cref="FfmpegException">It is nothing that ffprobe knows.</exception>
    public async Task<MediaInfo> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        using var tool = Tool.Start(PathOf(binary.ProbePath),
            ["-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file", "-show_entries",
                "format=duration:stream=codec_type,codec_name,width,height", "-of", "json", path]);
        var json = new List<string>();
        await tool.WaitAsync(json.Add, cancellationToken);
        using var document = JsonDocument.Parse(string.Concat(json));
        return MediaInfo.Of(document.RootElement);
    }

    // Jobs of a queue come only to workers that offer what it requires, but a configuration may claim that wrongly.
    private static string PathOf(string? path) => path ?? throw new InvalidOperationException(
        "This worker offers ffmpeg (Simmer:Worker:Capabilities) and has none: Storefront:Ffmpeg is 'off', or it is not in the PATH. "
            + "Install ffmpeg, or do not offer it.");

    /// <summary>One run of a program.</summary>
    private sealed class Tool : IDisposable
    {
        private const int KeptErrorLines = 12;

        private readonly Process _process;
        private readonly Queue<string> _errors = new();

        private Tool(Process process) => _process = process;

        public static Tool Start(string path, IEnumerable<string> arguments) => new(Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!);

        public async Task WaitAsync(Action<string> output, CancellationToken cancellationToken)
        {
            _process.StandardInput.Close();
            await using var kill = cancellationToken.Register(Kill);

            // Both pipes are read to the end, which comes when the process ends. A full pipe would stop the process.
            await Task.WhenAll(ReadAsync(_process.StandardOutput, output), ReadAsync(_process.StandardError, KeepError));
            await _process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (_process.ExitCode != 0)
            {
                throw new FfmpegException(Path.GetFileName(_process.StartInfo.FileName), _process.ExitCode, string.Join('\n', _errors));
            }
        }

        public void Dispose()
        {
            Kill();
            _process.Dispose();
        }

        private static async Task ReadAsync(StreamReader reader, Action<string> line)
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } text)
            {
                line(text);
            }
        }

        private void KeepError(string line)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrorLines)
            {
                _errors.Dequeue();
            }
        }

        private void Kill()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }
}
