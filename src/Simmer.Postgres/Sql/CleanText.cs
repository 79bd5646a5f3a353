using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Simmer.Postgres;

/// <summary>Text as PostgreSQL takes it. It cannot hold NUL or half of a surrogate pair, and the error message of a handler may have both:
/// each becomes U+FFFD.</summary>
internal static class CleanText
{
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text is null || IsClean(text) ? text : Clean(text);

    /// <summary>A text as every database can hold it, whatever its encoding: what is not printable ASCII is written as an escape.</summary>
    /// <param name="text">The text; of a longer one the first 1,000 characters.</param>
    public static string Ascii(string text) =>
        string.Concat(text[..Math.Min(text.Length, 1_000)]
            .Select(static c => c is >= ' ' and < '\x7f' ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));

    private static bool IsClean(string text)
    {
        // Nearly always neither occurs, and both searches are vectorised.
        return !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') && !text.Contains('\0');
    }

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = clean.Append(rune.Value == 0 ? "\ufffd" : rune.ToString());
        }

        return clean.ToString();
    }
}
