using Simmer;

namespace Storefront.Video;

/// <summary>Puts the segments together again, in their order.</summary>
[Job("join-segments", Queue = VideoFeature.Queue, TimeLimitSeconds = 1800)]
public sealed record JoinSegments(Guid Video) : IJob<JoinedVideo>;

/// <summary>The video that is played in the end.</summary>
/// <param name="Segments">Of how many segments it was made.</param>
/// <param name="Bytes">Its size.</param>
public sealed record JoinedVideo(int Segments, long Bytes);
