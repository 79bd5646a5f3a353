using Simmer;

namespace Storefront.Video;

/// <summary>Notes a video and enqueues what is to be done with it.</summary>
public sealed class VideoStarter(IJobClient jobs, VideoStore videos)
{
    public static WorkflowId WorkflowOf(Guid video) => WorkflowId.For($"video-{video}");

    /// <summary>Enqueues what is to be done with a video whose source is on the disk.</summary>
    public Task<WorkflowHandle> StartAsync(Guid video, string name, long bytes, CancellationToken cancellationToken) =>
        EnqueueAsync(video, name, bytes, Chain.Of("probe", new ProbeVideo(video)), cancellationToken);

    /// <summary>Starts the making of a video, for users who have none at hand.</summary>
    public Task<WorkflowHandle> MakeAsync(int seconds, CancellationToken cancellationToken)
    {
        var video = Guid.CreateVersion7();
        return EnqueueAsync(video, $"test-{seconds}s.mkv", 0,
            Chain.Of("make a clip", new MakeTestClip(video, seconds)).Then("probe", new ProbeVideo(video)), cancellationToken);
    }

    private async Task<WorkflowHandle> EnqueueAsync(Guid video, string name, long bytes, Chain begin, CancellationToken cancellationToken)
    {
        await videos.AddAsync(video, name, bytes, cancellationToken);
        try
        {
            // The number of segments is known only after the cut. That step adds one step for each, and the join waits for them.
            var steps = begin
                .Then("cut", new CutVideo(video))
                .Then("join", new JoinSegments(video))
                .Then("thumbnail", new TakeThumbnail(video))
                .Finally("tidy up", new TidyVideo(video));
            return await jobs.EnqueueAsync(steps, new WorkflowOptions { Id = WorkflowOf(video), Name = name }, cancellationToken);
        }
        catch
        {
            await videos.RemoveAsync(video, CancellationToken.None);
            throw;
        }
    }
}
