using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>Changes the JSON contracts of types, so that a value is stored and read whole or not at all.</summary>
internal static class WholeValues
{
    /// <summary>Refuses a value of a derived type where its base type is declared: JSON would keep only the members of the base
    /// type.</summary>
    public static void RefuseDerived(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.Type.IsSealed)
        {
            return;
        }

        var (type, before) = (info.Type, info.OnSerializing);
        info.OnSerializing = value =>
        {
            if (value.GetType() != type)
            {
                throw new NotSupportedException(
                    $"A{TypeNames.An(value.GetType())[1..]} stands where {TypeNames.An(type)} is declared, and only the part that "
                        + $"{TypeNames.An(type)} has would be stored. " +
                    $"Declare the derived type on the base: [JsonDerivedType(typeof({TypeNames.Of(value.GetType())}), \"a-name\")].");
            }

            before?.Invoke(value);
        };
    }

    /// <summary>Allows constructor parameters to be missing that may be null, or whose property is not always written. Every other
    /// parameter without a default must be there.</summary>
    public static void LetBeMissing(JsonTypeInfo info)
    {
        var defaultsAreLeftOut = info.Options.DefaultIgnoreCondition == JsonIgnoreCondition.WhenWritingDefault;
        foreach (var property in info.Properties)
        {
            if (property is { IsRequired: true, AssociatedParameter: { } parameter }
                && (parameter.IsNullable || defaultsAreLeftOut || property.Get is null || property.ShouldSerialize is not null)
                && !IsRequiredByItsDeclaration(property))
            {
                property.IsRequired = false;
            }
        }
    }

    private static bool IsRequiredByItsDeclaration(JsonPropertyInfo property) => property.AttributeProvider is { } member
        && (member.IsDefined(typeof(RequiredMemberAttribute), inherit: true) || member
            .IsDefined(typeof(JsonRequiredAttribute), inherit: true));
}
