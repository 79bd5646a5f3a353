using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>Puts the transcoded segments together again, with the sound of the original: sound that is cut and joined clicks at every
/// seam.</summary>
public sealed class VideoJoiner(Ffmpeg ffmpeg, VideoFolder folder)
{
    public async Task<JoinedVideo> JoinAsync(Guid video, IReadOnlyList<Segment> segments, JobContext context,
        CancellationToken cancellationToken)
    {
        var list = context.DisposeAtEnd(new TemporaryFile(VideoFolder.AsideOf(folder.PieceOf(video, "list.txt"))));
        await File.WriteAllLinesAsync(list.Path, segments.Select(segment => $"file '{segment.File}'"), cancellationToken);

        var whole = TimeSpan.FromSeconds(segments.Sum(segment => segment.Seconds));
        var aside = context.DisposeAtEnd(new TemporaryFile(VideoFolder.AsideOf(folder.ResultOf(video))));
        await ffmpeg.RunAsync(
            [
                "-protocol_whitelist", "file", "-f", "concat", "-i", list.Path,
                "-protocol_whitelist", "file", "-i", folder.SourceOf(video),
                "-map", "0:v:0", "-map", "1:a:0?", "-c:v", "copy", "-c:a", "libopus", "-ac", "2", aside.Path,
            ],
            written => context.Progress.Report(Math.Min(1, written / whole), $"{segments.Count} segments"),
            cancellationToken);
        File.Move(aside.Path, folder.ResultOf(video), overwrite: true);
        return new JoinedVideo(segments.Count, new FileInfo(folder.ResultOf(video)).Length);
    }
}
