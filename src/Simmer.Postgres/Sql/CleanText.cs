using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Simmer.Postgres;

/// <summary>Text as PostgreSQL takes it: it has no NUL and no half of a surrogate pair, and a handler's error message may have both. Each
/// becomes U+FFFD.</summary>
internal static class CleanText
{
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text is null || IsClean(text) ? text : Clean(text);

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
