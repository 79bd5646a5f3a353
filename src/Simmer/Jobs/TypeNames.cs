namespace Simmer.Jobs;

/// <summary>Names of types as they are written in code.</summary>
internal static class TypeNames
{
    public static string Of(Type type) =>
        type.IsArray ? $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
        : Nullable.GetUnderlyingType(type) is { } value ? $"{Of(value)}?"
        : type.IsGenericType && type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var tick ? $"{type.Name[..tick]}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>"
        : type.Name;
}
