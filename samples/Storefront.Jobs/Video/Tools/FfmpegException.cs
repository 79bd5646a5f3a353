namespace Storefront.Video;

/// <summary>ffmpeg or ffprobe failed.</summary>
public sealed class FfmpegException(string tool, int exitCode, string lastLines)
    : Exception($"{tool} ended with code {exitCode}: {(lastLines.Length > 0 ? lastLines : "it said nothing.")}")
{
    /// <summary>The last lines it wrote to its standard error.</summary>
    public string LastLines => lastLines;
}
