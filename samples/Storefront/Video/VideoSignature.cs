namespace Storefront.Video;

/// <summary>Recognises the allowed containers by their first bytes. ffmpeg opens far more, playlists that lead elsewhere among them, so it
/// is given no upload before this check.</summary>
public static class VideoSignature
{
    /// <summary>How many bytes are needed to tell.</summary>
    public const int Length = 12;

    public const string Known = "MP4, MOV, WebM, MKV or AVI";

    public static bool IsKnown(ReadOnlySpan<byte> start) => start.Length >= Length
        && (start[4..8].SequenceEqual("ftyp"u8)                                                  // ISO 14496-12: MP4, MOV, 3GP
            || start[..4].SequenceEqual((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3])            // EBML: WebM, Matroska
            || (start[..4].SequenceEqual("RIFF"u8) && start[8..12].SequenceEqual("AVI "u8)));
}
