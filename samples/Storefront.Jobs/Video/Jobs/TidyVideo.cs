using Simmer;

namespace Storefront.Video;

/// <summary>Deletes what was needed only on the way; the last step, however the others ended. It needs no ffmpeg, so any worker does
/// it.</summary>
[Job("tidy-video", Queue = "tidying")]
public sealed record TidyVideo(Guid Video) : IJob;
