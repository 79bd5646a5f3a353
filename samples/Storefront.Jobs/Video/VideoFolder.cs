using Storefront.Shared;

namespace Storefront.Video;

/// <summary>The files of the videos. Each video has a folder, and in it a folder for intermediate files.</summary>
public sealed class VideoFolder(DataDirectory data)
{
    /// <summary>The finished video.</summary>
    public string ResultOf(Guid video) => Path.Combine(FolderOf(video), "video.webm");

    public string ThumbnailOf(Guid video) => Path.Combine(FolderOf(video), "thumbnail.jpg");

    /// <summary>The video as it was uploaded or made.</summary>
    public string SourceOf(Guid video) => Path.Combine(WorkOf(video), "source");

    /// <summary>An intermediate file, by its name.</summary>
    public string PieceOf(Guid video, string name) => Path.Combine(WorkOf(video), name);

    /// <summary>Makes the folders of a video.</summary>
    public void Open(Guid video) => Directory.CreateDirectory(WorkOf(video));

    /// <summary>A path beside the one that is wanted, with the same ending, from which ffmpeg sees what to write. Written there and then
    /// moved, a file is whole or not there; two attempts at the same time do not meet.</summary>
    public static string AsideOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, $"{Guid.NewGuid():N}{Path.GetExtension(path)}");

    /// <summary>Deletes all that is not needed any more.</summary>
    public Task TidyAsync(Guid video)
    {
        if (Directory.Exists(WorkOf(video)))
        {
            Directory.Delete(WorkOf(video), recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <summary>Deletes a video altogether.</summary>
    public void Discard(Guid video)
    {
        if (Directory.Exists(FolderOf(video)))
        {
            Directory.Delete(FolderOf(video), recursive: true);
        }
    }

    /// <summary>The videos whose folders have not changed since then.</summary>
    public IEnumerable<Guid> OlderThan(DateTimeOffset time) => new DirectoryInfo(data.Videos).EnumerateDirectories()
        .Where(folder => folder.LastWriteTimeUtc < time)
        .SelectMany(folder => Guid.TryParse(folder.Name, out var video) ? [video] : Array.Empty<Guid>());

    private string FolderOf(Guid video) => Path.Combine(data.Videos, video.ToString("N"));

    private string WorkOf(Guid video) => Path.Combine(FolderOf(video), "work");
}
