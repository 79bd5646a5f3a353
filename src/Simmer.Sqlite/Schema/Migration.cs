using System.Globalization;

namespace Simmer.Sqlite;

/// <summary>One embedded file of SQL. Its first line says whether binaries that do not know it can go on.</summary>
internal sealed record Migration(long Version, string Name, bool Breaking, string Text)
{
    private const string Prefix = "Simmer.Sqlite.Migrations.";

    /// <summary>All that this assembly knows, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Read();

    public static Migration Parse(string name, string text)
    {
        var first = text.AsSpan(0, text.IndexOf('\n')).Trim();
        var breaking = first switch
        {
            "-- breaking: yes" => true,
            "-- breaking: no" => false,
            _ => throw new InvalidOperationException($"Migration {name} begins with '{first}'; its first line must be '-- breaking: yes' or '-- breaking: no'."),
        };
        return new Migration(long.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, breaking, text);
    }

    private static List<Migration> Read()
    {
        var assembly = typeof(Migration).Assembly;
        var all = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            all.Add(Parse(resource[Prefix.Length..^".sql".Length], reader.ReadToEnd()));
        }

        return all;
    }
}
