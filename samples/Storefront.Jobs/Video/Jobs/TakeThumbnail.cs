using System.Globalization;
using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>Takes a picture of the video.</summary>
[Job("take-thumbnail", Queue = VideoFeature.Queue, TimeLimitSeconds = 60)]
public sealed record TakeThumbnail(Guid Video) : IJob;

/// <summary>A third into it, where most films have begun.</summary>
public sealed class TakeThumbnailHandler(Ffmpeg ffmpeg, VideoFolder folder) : IJobHandler<TakeThumbnail>
{
    public async Task HandleAsync(TakeThumbnail job, JobContext context, CancellationToken cancellationToken)
    {
        var probed = await context.ResultAsync<ProbedVideo>();
        var aside = context.DisposeAtEnd(new TemporaryFile(VideoFolder.AsideOf(folder.ThumbnailOf(job.Video))));
        await ffmpeg.RunAsync(
            [
                "-ss", (probed.Seconds / 3).ToString("F3", CultureInfo.InvariantCulture), "-i", folder.ResultOf(job.Video),
                "-frames:v", "1", "-vf", "scale=480:-2", "-q:v", "4", aside.Path,
            ],
            progress: null,
            cancellationToken);
        File.Move(aside.Path, folder.ThumbnailOf(job.Video), overwrite: true);
    }
}
