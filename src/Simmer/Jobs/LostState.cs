using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>Finds the state of a type that would be lost on the way through JSON. Properties that are computed from others hold nothing, so
/// nothing is lost with them.</summary>
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A member that was trimmed away holds nothing.")]
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A getter whose code is not there is taken for one that computes.")]
internal static class LostState
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const string NotSet =
        "is written and cannot be set again: give it an init or set accessor ([JsonInclude], if that is not public), or a constructor "
            + "parameter of its name and type; [JsonIgnore] if it need not be kept.";
    private const string NotWritten =
        "is not written: make it public, mark it with [JsonInclude], or with [JsonIgnore] if it need not be kept.";
    private const string NotFilled =
        "is written and not filled again: give it an init or set accessor, or mark it with "
            + "[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]; [JsonIgnore] if it need not be kept.";

    public static string NameOf(JsonPropertyInfo property) => (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;

    /// <summary>Whether the value of a property is set again when the JSON is read.</summary>
    public static bool IsCarried(JsonTypeInfo info, JsonPropertyInfo property) =>
        property.Set is not null || property.AssociatedParameter is not null || IsPopulated(info, property);

    /// <summary>The members whose value would be lost, each with the way to keep it.</summary>
    public static IEnumerable<(string Member, string Why)> Of(JsonTypeInfo info)
    {
        var holdsMore = false;
        var carried = info.Properties.Where(p => p.Get is not null && IsCarried(info, p)).Select(NameOf).ToHashSet();
        var ignored = info.Properties.Where(static p => p.Get is null).Select(NameOf).ToHashSet();
        foreach (var type in Bases(info.Type))
        {
            var shown = ShownBy(type);
            foreach (var field in type.GetFields(Instance))
            {
                if (LostBy(info.Type, field, shown, carried, ignored) is { } lost)
                {
                    holdsMore = true;
                    yield return lost;
                }
            }
        }

        // A type that makes public nothing of what it holds would be stored empty.
        if (!holdsMore && carried.Count == 0 && ignored.Count == 0 && HeldBy(info.Type) is { } held)
        {
            yield return (held.Name.StartsWith('<') ? held.Name[1..held.Name.IndexOf('>', StringComparison.Ordinal)] : held.Name,
                "is not written, nor is anything else of it. Give it a converter ([JsonConverter]), or make public what it holds.");
        }
    }

    /// <summary>The members of an application's own collection type whose value would be lost: JSON carries the elements alone.</summary>
    public static IEnumerable<(string Member, string Why)> OfCollection(Type collection)
    {
        HashSet<string> none = [];
        return Bases(collection).TakeWhile(static t => !IsOfTheSystem(t)).SelectMany(static t => t.GetFields(Instance))
            .Where(static f => f.IsPublic || BackedBy(f) is not null)
            .Select(f => LostBy(collection, f, [], none, none)).OfType<(string, string)>();
    }

    private static (string Member, string Why)? LostBy(Type type, FieldInfo field, Dictionary<string, List<PropertyInfo>> shown,
        HashSet<string> carried, HashSet<string> ignored)
    {
        if (BackedBy(field) is { } name)
        {
            // A value that is private to the type is taken for something that the type can compute again.
            return carried.Contains(name) || ignored.Contains(name)
                || field.DeclaringType!.GetProperty(name, Instance) is not { GetMethod: { IsPrivate: false } get } property
                || IsIgnored(property) || IsMadeAnew(type, field)
                ? null
                : (name, !get.IsPublic
                    ? NotWritten
                    : property.SetMethod is null && IsCollection(property.PropertyType)
                    ? NotFilled
                    : NotSet);
        }

        if (field.IsPublic)
        {
            return carried.Contains(field.Name) || ignored.Contains(field.Name) || IsIgnored(field) || IsMadeAnew(type, field)
                ? null
                : (field.Name, field.IsInitOnly
                    ? NotSet
                    : "is a field, which this resolver does not write: make it a property, or set IncludeFields in "
                        + "[JsonSourceGenerationOptions].");
        }

        var properties = shown.GetValueOrDefault(field.Name) ?? [];
        if (properties.Exists(p => carried.Contains(p.Name)) || IsIgnored(field) || IsMadeAnew(type, field))
        {
            return null;
        }

        // A field that no public property returns may be a cache that is filled when it is first needed, so it is not reported. The types
        // of the system have no such caches, so theirs is.
        return properties.Find(p => !ignored.Contains(p.Name) && !IsIgnored(p)) is { } shows
            ? (shows.Name, IsCollection(shows.PropertyType) ? NotFilled : NotSet)
            : IsOfTheSystem(field.DeclaringType!) ? (field.Name, "is not written. Keep what identifies it, or give it a converter.")
            : null;
    }

    private static FieldInfo? HeldBy(Type type) => Bases(type).SelectMany(static t => t.GetFields(Instance))
        .FirstOrDefault(f => BackedBy(f) is null && !IsIgnored(f) && !IsMadeAnew(type, f) && !typeof(Delegate)
            .IsAssignableFrom(f.FieldType));

    /// <summary>The public properties of a type, by the name of the field that they return.</summary>
    private static Dictionary<string, List<PropertyInfo>> ShownBy(Type type)
    {
        var shown = new Dictionary<string, List<PropertyInfo>>();
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            return shown;
        }

        foreach (var property in type.GetProperties(Instance))
        {
            if (property is { GetMethod.IsPublic: true } && property.GetIndexParameters().Length == 0
                && FieldShownBy(property) is { } field)
            {
                if (!shown.TryGetValue(field.Name, out var properties))
                {
                    shown.Add(field.Name, properties = []);
                }

                properties.Add(property);
            }
        }

        return shown;
    }

    // The field that a getter returns, found by its IL: a getter that begins by loading a field. One that also stores into that field is a
    // cache that is filled when it is first needed, and does not count.
    private static FieldInfo? FieldShownBy(PropertyInfo property)
    {
        const byte Nop = 0x00, LoadThis = 0x02, LoadField = 0x7B, LoadFieldAddress = 0x7C, StoreField = 0x7D;
        ReadOnlySpan<byte> code = property.GetMethod!.GetMethodBody()?.GetILAsByteArray();
        code = code.TrimStart(Nop);
        if (code.Length < 6 || code[0] != LoadThis || code[1] is not (LoadField or LoadFieldAddress))
        {
            return null;
        }

        var token = code[2..6];
        return code[6..].IndexOf([StoreField, .. token]) >= 0 ? null
            : property.Module.ResolveField(BitConverter.ToInt32(token), property.DeclaringType!.GetGenericArguments(), null);
    }

    /// <summary>Whether the type's one constructor computes the value of a field from its parameters, which are kept, so that a new object
    /// has the same value. That does not hold for a field that can change later, or for a value that differs each time.</summary>
    private static bool IsMadeAnew(Type type, FieldInfo field) =>
        field.IsInitOnly && !type.IsValueType && IsPlain(Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType)
            && HasOneConstructor(type) && HasOneConstructor(field.DeclaringType!);

    private static bool IsPlain(Type type) => type.IsEnum || type.IsPrimitive || type == typeof(string) || type == typeof(decimal)
        || type == typeof(TimeSpan) || type == typeof(Uri) || type == typeof(Version);

    private static bool HasOneConstructor(Type type) =>
        type.GetConstructors(Instance).Count(c => c.GetParameters() is not [var copied] || copied.ParameterType != type) == 1;

    private static bool IsPopulated(JsonTypeInfo info, JsonPropertyInfo property) =>
        (property.ObjectCreationHandling ?? info.PreferredPropertyObjectCreationHandling
            ?? info.Options.PreferredObjectCreationHandling) == JsonObjectCreationHandling.Populate
        && info.CreateObject is not null && !property.PropertyType.IsValueType && !property.PropertyType.IsArray
            && property.PropertyType != typeof(string)
        && info.Options.GetTypeInfo(property.PropertyType).Kind != JsonTypeInfoKind.None;

    private static bool IsIgnored(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>(inherit: true) is {
            Condition: not (JsonIgnoreCondition.Never or JsonIgnoreCondition.WhenWritingDefault or JsonIgnoreCondition.WhenWritingNull) };

    private static bool IsCollection(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    private static bool IsOfTheSystem(Type type) =>
        type.Namespace is "System" || type.Namespace?.StartsWith("System.", StringComparison.Ordinal) == true;

    private static string? BackedBy(FieldInfo field) => field.Name.StartsWith('<') && field.Name
        .EndsWith(">k__BackingField", StringComparison.Ordinal) ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : null;

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            yield return at;
        }
    }
}
