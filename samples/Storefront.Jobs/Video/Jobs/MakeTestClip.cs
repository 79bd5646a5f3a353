using System.Globalization;
using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>Makes a video of so many seconds: a test picture and a tone.</summary>
[Job("make-test-clip", Queue = VideoFeature.Queue, TimeLimitSeconds = 600)]
public sealed record MakeTestClip(Guid Video, int Seconds) : IJob;

/// <summary>Has ffmpeg draw it.</summary>
public sealed class MakeTestClipHandler(Ffmpeg ffmpeg, VideoFolder folder) : IJobHandler<MakeTestClip>
{
    public async Task HandleAsync(MakeTestClip job, JobContext context, CancellationToken cancellationToken)
    {
        folder.Open(job.Video);
        var seconds = job.Seconds.ToString(CultureInfo.InvariantCulture);
        var aside = context.DisposeAtEnd(new TemporaryFile(VideoFolder.AsideOf(folder.PieceOf(job.Video, "clip.mkv"))));
        await ffmpeg.RunAsync(
            [
                "-f", "lavfi", "-i", $"testsrc2=size=854x480:rate=25:duration={seconds}",
                "-f", "lavfi", "-i", $"sine=frequency=330:beep_factor=4:duration={seconds}",

                // A whole picture every two seconds: there it can be cut.
                "-c:v", "mpeg4", "-q:v", "3", "-g", "50", "-c:a", "aac", "-shortest", aside.Path,
            ],
            written => context.Progress
                .Report(Math.Min(1, written.TotalSeconds / job.Seconds), $"{written.TotalSeconds:F0} of {seconds} s"),
            cancellationToken);
        File.Move(aside.Path, folder.SourceOf(job.Video), overwrite: true);
    }
}
