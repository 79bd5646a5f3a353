using Simmer;

namespace Storefront.Video;

/// <summary>Looks what the file is.</summary>
[Job("probe-video", Queue = VideoFeature.Queue, TimeLimitSeconds = 60)]
public sealed record ProbeVideo(Guid Video) : IJob<ProbedVideo>;

/// <summary>A file that is a video.</summary>
/// <param name="Seconds">How long it plays.</param>
/// <param name="Width">The width of its picture.</param>
/// <param name="Height">The height of its picture.</param>
/// <param name="Codec">How the picture is stored.</param>
public sealed record ProbedVideo(double Seconds, int Width, int Height, string Codec);

/// <summary>Asks ffprobe. A file that is no video will be none the next time either, so that is a verdict and not tried again.</summary>
public sealed class ProbeVideoHandler(Ffmpeg ffmpeg, VideoFolder folder) : IVerdictHandler<ProbeVideo, ProbedVideo>
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(30);

    public async Task<JobVerdict<ProbedVideo>> HandleAsync(ProbeVideo job, JobContext context, CancellationToken cancellationToken)
    {
        try
        {
            return Verdict(await ffmpeg.ProbeAsync(folder.SourceOf(job.Video), cancellationToken));
        }
        catch (FfmpegException exception)
        {
            return JobVerdict.Fail($"The file cannot be read as a video. {exception.Message}");
        }
    }

    private static JobVerdict<ProbedVideo> Verdict(MediaInfo info) => info switch
    {
        { Width: 0 } => JobVerdict.Fail("The file has no picture."),
        { Duration: var duration } when duration <= TimeSpan.Zero =>
            JobVerdict.Fail("The file does not say how long it plays; it may be cut off."),
        { Duration: var duration } when duration > s_longest => JobVerdict
            .Fail($"It plays for {duration.TotalMinutes:F0} minutes; the most that is taken here is {s_longest.TotalMinutes:F0}."),
        _ => new ProbedVideo(info.Duration.TotalSeconds, info.Width, info.Height, info.Codec),
    };
}
