using System.Globalization;
using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>Cuts the picture into segments, and adds a step for each that transcodes it.</summary>
[Job("cut-video", Queue = VideoFeature.Queue, TimeLimitSeconds = 600, Adds = typeof(Segment))]
public sealed record CutVideo(Guid Video) : IJob;

/// <summary>Cuts without touching the pictures, which takes next to no time.</summary>
public sealed class CutVideoHandler(Ffmpeg ffmpeg, VideoFolder folder) : IJobHandler<CutVideo>
{
    public async Task HandleAsync(CutVideo job, JobContext context, CancellationToken cancellationToken)
    {
        var probed = await context.ResultAsync<ProbedVideo>();

        // Each attempt has names of its own: one that was taken for dead and is not cannot write into the segments of the next.
        var attempt = $"cut-{Guid.NewGuid():N}";
        var list = context.DisposeAtEnd(new TemporaryFile(folder.PieceOf(job.Video, $"{attempt}.csv")));
        await ffmpeg.RunAsync(
            [
                "-protocol_whitelist", "file", "-i", folder.SourceOf(job.Video), "-map", "0:v:0", "-c", "copy",
                "-f", "segment", "-segment_time", Seconds(SegmentLength(probed.Seconds)), "-reset_timestamps", "1", "-segment_format",
                    "matroska",
                "-segment_list", list.Path, "-segment_list_type", "csv", folder.PieceOf(job.Video, $"{attempt}-%04d.mkv"),
            ],
            written => context.Progress.Report(Math.Min(1, written.TotalSeconds / probed.Seconds)),
            cancellationToken);

        // Stored together with this step's success: an attempt that fails adds nothing, and a second one nothing twice.
        var cuts = await ReadAsync(list.Path, cancellationToken);
        for (var i = 0; i < cuts.Count; i++)
        {
            context.AddStep($"segment {i + 1}", new TranscodeSegment(job.Video, cuts[i].File, cuts[i].Seconds));
        }
    }

    /// <summary>Long enough that starting ffmpeg does not matter, and never more than some dozens of segments.</summary>
    private static double SegmentLength(double whole) => Math.Max(4, whole / 60);

    private static string Seconds(double seconds) => seconds.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>Lines of file, begin, end.</summary>
    private static async Task<IReadOnlyList<(string File, double Seconds)>> ReadAsync(string list, CancellationToken cancellationToken) =>
    [
        .. (await File.ReadAllLinesAsync(list, cancellationToken))
            .Select(line => line.Split(','))
            .Select(parts => (parts[0],
                double.Parse(parts[2], CultureInfo.InvariantCulture) - double.Parse(parts[1], CultureInfo.InvariantCulture))),
    ];
}
