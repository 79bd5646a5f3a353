namespace Storefront.Video;

/// <summary>Where ffmpeg is on this machine, as the setting <c>Storefront:Ffmpeg</c> says: <c>auto</c>, <c>off</c>, or its path.</summary>
/// <param name="Path">Its path; <see langword="null"/>: this process does without.</param>
public sealed record FfmpegBinary(string? Path)
{
    public bool IsThere => Path is not null;

    /// <summary>ffprobe comes with ffmpeg and lies beside it.</summary>
    public string? ProbePath => Path is null ? null : System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, ProbeName);

    private static string Name => OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";

    private static string ProbeName => OperatingSystem.IsWindows() ? "ffprobe.exe" : "ffprobe";

    /// <exception cref="InvalidOperationException">The path that is set leads nowhere.</exception>
    public static FfmpegBinary Find(IConfiguration configuration) => configuration["Storefront:Ffmpeg"] switch
    {
        null or "" or "auto" => new FfmpegBinary(InPath(Environment.GetEnvironmentVariable("PATH"))),
        "off" => new FfmpegBinary((string?)null),
        var path when File.Exists(path) => new FfmpegBinary(System.IO.Path.GetFullPath(path)),
        var path =>
            throw new InvalidOperationException(
                $"Storefront:Ffmpeg is '{path}', and there is no such file. Say 'auto' (looks into the PATH), 'off' (leaves videos to "
                + "other workers), or the path of ffmpeg."),
    };

    private static string? InPath(string? folders) => (folders ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(folder => System.IO.Path.Combine(folder, Name))
        .FirstOrDefault(File.Exists);
}
