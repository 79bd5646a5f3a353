using System.Globalization;
using System.Text.Json;

namespace Storefront.Video;

/// <summary>What a media file is.</summary>
/// <param name="Duration">How long it plays.</param>
/// <param name="Width">The width of its picture; 0: it has none.</param>
/// <param name="Height">The height of its picture.</param>
/// <param name="Codec">How the picture is stored.</param>
/// <param name="HasSound">Whether it has sound.</param>
public sealed record MediaInfo(TimeSpan Duration, int Width, int Height, string Codec, bool HasSound)
{
    /// <summary>Reads what ffprobe writes as JSON.</summary>
    public static MediaInfo Of(JsonElement probe)
    {
        var streams = probe.TryGetProperty("streams", out var found) ? found.EnumerateArray().ToArray() : [];
        var picture = streams.FirstOrDefault(stream => TypeOf(stream) == "video");
        var seconds = probe.TryGetProperty("format", out var format) && format.TryGetProperty("duration", out var duration)
            && double.TryParse(duration.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
        return new MediaInfo(TimeSpan.FromSeconds(seconds), Number(picture, "width"), Number(picture, "height"),
            Text(picture, "codec_name"), streams.Any(stream => TypeOf(stream) == "audio"));
    }

    private static string TypeOf(JsonElement stream) => Text(stream, "codec_type");

    private static string Text(JsonElement stream, string name) =>
        stream.ValueKind == JsonValueKind.Object && stream.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static int Number(JsonElement stream, string name) =>
        stream.ValueKind == JsonValueKind.Object && stream.TryGetProperty(name, out var value) ? value.GetInt32() : 0;
}
