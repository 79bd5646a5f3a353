using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Simmer.Jobs;

/// <summary>Makes texts that every store can keep. A database has no NUL and no half of a surrogate pair. In names and keys, which tell
/// things apart, these are refused; in texts that are only shown, each becomes U+FFFD.</summary>
internal static class StoredText
{
    /// <summary>How much of a text that was refused is shown, in UTF-16 characters.</summary>
    public const int LongestShown = 80;

    private const char Replacement = '\ufffd';

    /// <summary>What is wrong with a text that is not valid UTF-16, for a message.</summary>
    public const string NotWhole = "has a half of a surrogate pair (an emoji cut in two, say), which no database can tell from another";

    /// <summary>Whether it is valid UTF-16.</summary>
    public static bool IsWhole(string text)
    {
        // Nearly always there is none, and the search is vectorised.
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return true;
        }

        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>Text that is only shown, as it can be stored.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Shown(string? text)
    {
        if (text is null || (!text.Contains('\0', StringComparison.Ordinal) && IsWhole(text)))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value == 0 ? shown.Append(Replacement) : shown.Append(rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>The beginning of a wrong value that was given, for a message.</summary>
    public static string Shown(ReadOnlySpan<char> given) =>
        Shown(given[..Math.Min(given.Length, LongestShown + 1)].ToString(), LongestShown);

    /// <summary>The same, cut to a length; what was cut ends with "…".</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Shown(string? text, int most)
    {
        if (text is null || text.Length <= most)
        {
            return Shown(text);
        }

        var end = most - 1;
        return Shown(text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)]) + "…";
    }
}
