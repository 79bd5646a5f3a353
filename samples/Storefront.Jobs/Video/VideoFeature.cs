using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer;

namespace Storefront.Video;

public static class VideoFeature
{
    /// <summary>The queue for what needs ffmpeg; only workers that offer it run its jobs.</summary>
    public const string Queue = "video";

    /// <summary>The capability that the workers must offer.</summary>
    public const string Capability = "ffmpeg";

    /// <summary>Registers the steps of a video and the services they need. It knows nothing of HTTP, so a worker process calls it as
    /// well.</summary>
    public static SimmerBuilder AddVideo(this SimmerBuilder simmer, IConfiguration configuration)
    {
        var ffmpeg = FfmpegBinary.Find(configuration);
        simmer.Services.TryAddSingleton(ffmpeg);
        simmer.Services.TryAddSingleton<Ffmpeg>();
        simmer.Services.TryAddSingleton<VideoFolder>();
        simmer.Services.TryAddSingleton<VideoStore>();
        simmer.Services.TryAddSingleton<VideoStarter>();
        simmer.Services.TryAddSingleton<VideoJoiner>();
        simmer.Services.AddHostedService<SweepVideos>();

        return simmer
            .Configure(options =>
            {
                if (ffmpeg.IsThere)
                {
                    options.Worker.Capabilities.Add(Capability);
                }
            })
            .AddQueue(Queue, queue =>
            {
                queue.Requires = [Capability];
                queue.Concurrency = 2;
            })
            .AddQueue("tidying", queue => queue.Concurrency = 2)
            .AddJob<MakeTestClip, MakeTestClipHandler>()
            .AddJob<ProbeVideo, ProbeVideoHandler>()
            .AddJob<CutVideo, CutVideoHandler>()
            .AddJob<TranscodeSegment, TranscodeSegmentHandler>()
            .AddJob(static (JoinSegments job, IReadOnlyList<Segment> segments, VideoJoiner joiner, JobContext context,
                CancellationToken ct) =>
                joiner.JoinAsync(job.Video, segments, context, ct))
            .AddJob<TakeThumbnail, TakeThumbnailHandler>()
            .AddJob(static (TidyVideo job, VideoFolder videos, CancellationToken _) => videos.TidyAsync(job.Video));
    }
}
