using System.Globalization;

namespace Storefront.Video;

/// <summary>Reads what <c>-progress</c> writes: lines of <c>key=value</c>.</summary>
public static class FfmpegProgress
{
    private const string Key = "out_time_us=";

    /// <summary>Finds how much of the output is written.</summary>
    public static bool TryParse(string line, out TimeSpan written)
    {
        written = default;

        // Before the first frame the value is N/A, or a huge negative number.
        if (!line.StartsWith(Key, StringComparison.Ordinal) || !long
            .TryParse(line.AsSpan(Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
        {
            return false;
        }

        written = TimeSpan.FromMicroseconds(microseconds);
        return true;
    }
}
