using Simmer;

namespace Storefront.Video;

/// <summary>Deletes the intermediate files. It is the last step, however the others ended, and needs no ffmpeg, so any worker can run
/// it.</summary>
[Job("tidy-video", Queue = "tidying")]
public sealed record TidyVideo(Guid Video) : IJob;
