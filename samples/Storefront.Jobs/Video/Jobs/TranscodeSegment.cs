using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>Transcodes one segment to what every browser plays.</summary>
[Job("transcode", Queue = VideoFeature.Queue, TimeLimitSeconds = 1800)]
public sealed record TranscodeSegment(Guid Video, string File, double Seconds) : IJob<Segment>;

/// <summary>A segment that is transcoded.</summary>
/// <param name="File">Its file's name.</param>
/// <param name="Seconds">How long it plays.</param>
public sealed record Segment(string File, double Seconds);

/// <summary>Has ffmpeg do the work.</summary>
public sealed class TranscodeSegmentHandler(Ffmpeg ffmpeg, VideoFolder folder) : IJobHandler<TranscodeSegment, Segment>
{
    public async Task<Segment> HandleAsync(TranscodeSegment job, JobContext context, CancellationToken cancellationToken)
    {
        var name = Path.ChangeExtension(job.File, ".webm");
        var path = folder.PieceOf(job.Video, name);
        var aside = context.DisposeAtEnd(new TemporaryFile(VideoFolder.AsideOf(path)));
        await ffmpeg.RunAsync(
            [
                "-protocol_whitelist", "file", "-i", folder.PieceOf(job.Video, job.File),
                "-an", "-vf", "scale='min(1280,iw)':-2", "-pix_fmt", "yuv420p",

                // Side by side, so one thread each.
                "-c:v", "libvpx", "-b:v", "1500k", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1", aside.Path,
            ],
            written => context.Progress
                .Report(Math.Min(1, written.TotalSeconds / job.Seconds), $"{written.TotalSeconds:F1} of {job.Seconds:F1} s"),
            cancellationToken);
        File.Move(aside.Path, path, overwrite: true);
        return new Segment(name, job.Seconds);
    }
}
