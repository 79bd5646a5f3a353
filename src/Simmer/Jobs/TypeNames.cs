namespace Simmer.Jobs;

/// <summary>Names of types as they are written in code.</summary>
internal static class TypeNames
{
    public static string Of(Type type) =>
        type.IsArray ? $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
        : Nullable.GetUnderlyingType(type) is { } value ? $"{Of(value)}?"

            : type.IsGenericType && type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var tick
            ? $"{type.Name[..tick]}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>"
        : type.Name;

    /// <summary>The name with its article.</summary>
    public static string An(Type type)
    {
        var name = Of(type);
        return $"{(SoundsLikeVowel(name) ? "an" : "a")} {name}";
    }

    // By the letters: an Invoice and an Unknown, but a One, a Uri and a Unit.
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
