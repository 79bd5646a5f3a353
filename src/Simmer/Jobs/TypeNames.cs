namespace Simmer.Jobs;

/// <summary>Writes the names of types as they stand in code.</summary>
internal static class TypeNames
{
    public static string Of(Type type) =>
        type.IsArray ? $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
        : Nullable.GetUnderlyingType(type) is { } value ? $"{Of(value)}?"

            : type.IsGenericType && type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var tick
            ? $"{type.Name[..tick]}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>"
        : type.Name;

    /// <summary>The name of a type with the article "a" or "an".</summary>
    public static string An(Type type)
    {
        var name = Of(type);
        return $"{(SoundsLikeVowel(name) ? "an" : "a")} {name}";
    }

    // Decided by the first letters: an Invoice and an Unknown, but a One, a Uri and a Unit.
    private static bool SoundsLikeVowel(string name) => name[0] switch
    {
        'A' or 'I' => true,
        'E' => !name.StartsWith("Eu", StringComparison.Ordinal),
        'O' => !name.StartsWith("One", StringComparison.Ordinal),
        'U' => name.StartsWith("Up", StringComparison.Ordinal)
            || (name.StartsWith("Un", StringComparison.Ordinal) && !name.StartsWith("Uni", StringComparison.Ordinal)),
        _ => false,
    };
}
