namespace Simmer.Jobs;

/// <summary>Nearest names, for messages about misspelt ones.</summary>
internal static class Names
{
    public static string NotDeclared(string what, string got, IEnumerable<string> declared) =>
        Nearest(got, declared) is { } near
            ? $"{what} '{got}', which is not declared; did you mean '{near}'?"
            : $"{what} '{got}', which is not declared.";

    /// <summary>A type as C# writes it, such as <c>Box&lt;Order&gt;</c>.</summary>
    public static string Of(Type type) => !type.IsGenericType || !type.Name.Contains('`', StringComparison.Ordinal)
        ? type.Name
        : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";

    public static string? Nearest(string got, IEnumerable<string> candidates)
    {
        var best = candidates.Select(c => (Name: c, Distance: Distance(got.ToLowerInvariant(), c.ToLowerInvariant())))
            .OrderBy(static c => c.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(2, got.Length / 3) ? best.Name : null;
    }

    // Damerau-Levenshtein (optimal string alignment): swapped letters, the commonest slip, count as one.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
