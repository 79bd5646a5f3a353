using Simmer;

namespace Storefront.Video;

/// <summary>Takes a video in and enqueues what is to be done with it.</summary>
public sealed class VideoStarter(IJobClient jobs, VideoStore videos, VideoFolder folder)
{
    public static WorkflowId WorkflowOf(Guid video) => WorkflowId.For($"video-{video}");

    /// <summary>Takes an upload in as it streams by.</summary>
    /// <exception cref="VideoRefusedException">It is no video, or too large; nothing is kept.</exception>
    public async Task<WorkflowHandle> UploadAsync(string name, Stream body, long most, CancellationToken cancellationToken)
    {
        var video = Guid.CreateVersion7();
        try
        {
            folder.Open(video);
            var bytes = await VideoUpload.SaveAsync(body, folder.SourceOf(video), most, cancellationToken);
            return await EnqueueAsync(video, name, bytes, Chain.Of(new ProbeVideo(video), name: "probe"), cancellationToken);
        }
        catch
        {
            folder.Discard(video);
            throw;
        }
    }

    /// <summary>Has a video made, for those who have none at hand.</summary>
    public Task<WorkflowHandle> MakeAsync(int seconds, CancellationToken cancellationToken)
    {
        var video = Guid.CreateVersion7();
        return EnqueueAsync(video, $"test-{seconds}s.mkv", 0, Chain.Of(new MakeTestClip(video, seconds), name: "make a clip").Then(new ProbeVideo(video), name: "probe"), cancellationToken);
    }

    private async Task<WorkflowHandle> EnqueueAsync(Guid video, string name, long bytes, Chain begin, CancellationToken cancellationToken)
    {
        await videos.AddAsync(video, name, bytes, cancellationToken);
        try
        {
            // How many segments there are is known only when it is cut: that step adds one step for each, and the join waits for them.
            var steps = begin
                .Then(new CutVideo(video), name: "cut")
                .Then(new JoinSegments(video), name: "join")
                .Then(new TakeThumbnail(video), name: "thumbnail")
                .Finally(new TidyVideo(video), name: "tidy up");
            return await jobs.EnqueueAsync(steps, new WorkflowOptions { Id = WorkflowOf(video), Name = name }, cancellationToken);
        }
        catch
        {
            await videos.RemoveAsync(video, CancellationToken.None);
            throw;
        }
    }
}
