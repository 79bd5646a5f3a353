using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Simmer.AspNetCore.Jobs;

/// <summary>The preference <c>wait</c> of a <c>Prefer</c> header (RFC 7240, 2 and 4.3).</summary>
internal static class PreferWait
{
    /// <summary>The longest time that a request waits, in seconds.</summary>
    public const int MaxSeconds = 30;

    /// <summary>The seconds that a client is ready to wait, at most <see cref="MaxSeconds"/>; 0 if it gives none, or none that is valid.
    /// The first <c>wait</c> counts, and the parameters of a preference do not.</summary>
    public static int Seconds(StringValues header)
    {
        foreach (var value in header)
        {
            foreach (var preference in Split(value, ','))
            {
                var (name, word) = Pair(Split(preference, ';').First());
                if (name.Equals("wait", StringComparison.OrdinalIgnoreCase))
                {
                    return Parse(word);
                }
            }
        }

        return 0;
    }

    private static int Parse(string word) =>
        !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? word.Length > 0 && word.All(char.IsAsciiDigit) ? MaxSeconds : 0
            : Math.Min(seconds, MaxSeconds);

    private static (string Name, string Word) Pair(string text)
    {
        var equals = text.IndexOf('=');
        return equals < 0 ? (text.Trim(), string.Empty) : (text[..equals].Trim(), text[(equals + 1)..].Trim().Trim('"'));
    }

    // A separator inside a quoted string does not count.
    private static IEnumerable<string> Split(string? text, char separator)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < text?.Length; i++)
        {
            if (text[i] == '\\' && quoted)
            {
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == separator && !quoted)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text?[start..] ?? string.Empty;
    }
}
