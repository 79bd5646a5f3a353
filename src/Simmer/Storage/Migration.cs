using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace Simmer.Storage;

/// <summary>One file of SQL embedded in a store's assembly. Its first line says whether binaries that do not know it can go on.</summary>
/// <param name="Version">Its number, the first four digits of its name.</param>
/// <param name="Name">Its file's name without <c>.sql</c>.</param>
/// <param name="Breaking">Whether a binary that does not know it must refuse the database.</param>
/// <param name="Text">The SQL.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record Migration(long Version, string Name, bool Breaking, string Text)
{
    /// <summary>All that are embedded in an assembly, in order.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="prefix">What the names of the resources begin with.</param>
    /// <returns>The migrations.</returns>
    public static IReadOnlyList<Migration> Embedded(Assembly assembly, string prefix)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(prefix);
        var all = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            all.Add(Parse(resource[prefix.Length..^".sql".Length], reader.ReadToEnd()));
        }

        return all;
    }

    /// <summary>Reads one.</summary>
    /// <param name="name">Its name, which begins with four digits.</param>
    /// <param name="text">The SQL with its first line.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="InvalidOperationException">The first line does not say whether it is breaking.</exception>
    public static Migration Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        var first = text.AsSpan(0, text.IndexOf('\n')).Trim();
        var breaking = first switch
        {
            "-- breaking: yes" => true,
            "-- breaking: no" => false,
            _ => throw new InvalidOperationException(
                $"Migration {name} begins with '{first}'; its first line must be '-- breaking: yes' or '-- breaking: no'."),
        };
        return new Migration(long.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, breaking, text);
    }
}
