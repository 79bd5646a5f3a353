namespace Storefront.Video;

/// <summary>Deletes what a killed process left behind: a video that was half uploaded, and so never noted.</summary>
public sealed class SweepVideos(VideoFolder folder, VideoStore videos, TimeProvider clock) : IHostedService
{
    // Another process may be receiving a video right now, but no upload takes a day.
    private static readonly TimeSpan s_forgottenAfter = TimeSpan.FromDays(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var video in folder.OlderThan(clock.GetUtcNow() - s_forgottenAfter))
        {
            if (!await videos.IsNotedAsync(video, cancellationToken))
            {
                folder.Discard(video);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
