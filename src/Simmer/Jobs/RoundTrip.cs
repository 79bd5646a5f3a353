using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>Walks through a type and everything that it holds, and reports with its path whatever would not come back from JSON as it was
/// given.</summary>
/// <param name="what">What is stored, for the messages.</param>
/// <param name="problems">Receives what is wrong.</param>
internal sealed class RoundTrip(string what, List<string> problems)
{
    /// <summary>The depth of generic types in one another at which the walk stops. No record has as many; a generic type that holds itself
    /// with ever deeper arguments would never end.</summary>
    private const int MaxNesting = 12;

    private static readonly Type[] s_never =
    [
        typeof(Delegate), typeof(Stream), typeof(Task), typeof(MemberInfo), typeof(Assembly), typeof(SerializationInfo),
            typeof(CancellationToken),
        typeof(IntPtr), typeof(UIntPtr), typeof(TextReader), typeof(TextWriter),
    ];

    private static readonly Type[] s_stacks =
        [typeof(Stack<>), typeof(ConcurrentStack<>), typeof(ImmutableStack<>), typeof(IImmutableStack<>)];

    private static readonly HashSet<Type> s_keys =
    [
        typeof(string), typeof(char), typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
            typeof(long), typeof(ulong), typeof(Int128), typeof(UInt128),
        typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset),
            typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Uri), typeof(Version),
    ];

    private readonly HashSet<(Type Type, bool IsRead)> _seen = [];

    public void Check(JsonTypeInfo info) => Walk(info, TypeNames.Of(info.Type), isRead: true);

    /// <param name="info">The contract.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="isRead">Whether the value is read from JSON again. False for a property that is computed from the others: nothing is
    /// lost if it is not read.</param>
    private void Walk(JsonTypeInfo info, string path, bool isRead)
    {
        if (!_seen.Add((info.Type, isRead)))
        {
            return;
        }

        if (Nullable.GetUnderlyingType(info.Type) is { } value)
        {
            Enter(info.Options, value, path, isRead);
        }
        else if (IsNever(info))
        {
            problems.Add($"{what} cannot be stored as JSON: {path} is {TypeNames.An(info.Type)}. Keep identifiers in the record and "
                + "fetch the rest in the handler.");
        }
        else if (info.Type == typeof(object) && info.Kind == JsonTypeInfoKind.None)
        {
            if (isRead && !IsConvertedByTheUser(info))
            {
                problems.Add($"{what} cannot be read back from JSON: {path} is an object, whose type is not stored with it. Declare the "
                    + "type it has; for JSON of any shape, JsonElement or JsonNode.");
            }
        }
        else if (info.Kind == JsonTypeInfoKind.Object)
        {
            WalkObject(info, path, isRead);
        }
        else if (info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary)
        {
            WalkElements(info, path, isRead);
        }
    }

    private void Enter(JsonSerializerOptions json, Type type, string path, bool isRead)
    {
        if (Nesting(type) > MaxNesting)
        {
            return;
        }

        try
        {
            Walk(json.GetTypeInfo(type), path, isRead);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            problems.Add($"{what} cannot be stored as JSON: {path} is {TypeNames.An(type)}: {e.Message}");
        }
    }

    private void WalkObject(JsonTypeInfo info, string path, bool isRead)
    {
        if (isRead && !CanBeMade(info))
        {
            problems.Add($"{what} cannot be read back from JSON: {path} is {TypeNames.An(info.Type)}, which has no constructor that JSON "
                + "can call with all its parameters. Use a record, or declare its derived types with [JsonDerivedType].");
        }
        else if (isRead)
        {
            foreach (var (member, why) in LostState.Of(info))
            {
                problems.Add($"{what} does not come back from JSON as it was: {path}.{member} of {TypeNames.Of(info.Type)} {why}");
            }
        }

        // A property without a getter here is one with [JsonIgnore]: it is not written.
        foreach (var property in info.Properties.Where(static p => p is { Get: not null, IsExtensionData: false, CustomConverter: null }))
        {
            Enter(info.Options, property.PropertyType, $"{path}.{LostState.NameOf(property)}",
                isRead && LostState.IsCarried(info, property));
        }

        foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            if (isRead && derived.TypeDiscriminator is null && derived.DerivedType != info.Type)
            {
                problems.Add($"{what} cannot be read back from JSON: {path} may be {TypeNames.An(derived.DerivedType)}, which is "
                    + $"declared without a name to tell it by: [JsonDerivedType(typeof({TypeNames.Of(derived.DerivedType)}), "
                    + "\"a-name\")].");
            }

            if (derived.DerivedType != info.Type)
            {
                Enter(info.Options, derived.DerivedType, $"{path}({TypeNames.Of(derived.DerivedType)})", isRead);
            }
        }
    }

    private void WalkElements(JsonTypeInfo info, string path, bool isRead)
    {
        if (isRead)
        {
            if (WhyNotFilled(info) is { } why)
            {
                problems.Add($"{what} cannot be read back from JSON: {path} is {TypeNames.An(info.Type)}, {why}");
                return;
            }

            foreach (var (member, _) in LostState.OfCollection(info.Type))
            {
                problems.Add($"{what} does not come back from JSON as it was: {path}.{member} of {TypeNames.Of(info.Type)} is not "
                    + "stored, since of a collection JSON keeps the elements only. Keep it in a record beside the collection.");
            }
        }

        if (info.KeyType is { } key)
        {
            if (!IsKey(info.Options.GetTypeInfo(key)))
            {
                problems.Add($"{what} cannot be stored as JSON: {path} has keys of the type {TypeNames.Of(key)}, and a key is a text or "
                    + "what has one text, such as a number, an enum or a Guid. Store a list of pairs.");
            }

            if (isRead && info.Options.DictionaryKeyPolicy is not null)
            {
                problems.Add($"{what} does not come back from JSON as it was: the DictionaryKeyPolicy of SimmerOptions.Json changes the "
                    + $"keys of {path} when it is written, and not back. Leave it out.");
            }
        }

        if (info.ElementType is { } element)
        {
            Enter(info.Options, element, path + "[]", isRead);
        }
    }

    private static string? WhyNotFilled(JsonTypeInfo info)
    {
        if (typeof(Stack).IsAssignableFrom(info.Type) || Ancestors(info.Type)
            .Any(static t => t.IsGenericType && s_stacks.Contains(t.GetGenericTypeDefinition())))
        {
            return "which JSON gives back in reverse order. Use a list.";
        }

        if (typeof(IEnumerable).IsAssignableFrom(info.Type) is false && Ancestors(info.Type)
            .Any(static t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)))
        {
            return "which cannot be written at once. Use a list.";
        }

        try
        {
            // A collection that cannot be filled throws for an empty one as well.
            _ = JsonSerializer.Deserialize(info.Kind == JsonTypeInfoKind.Dictionary ? "{}" : "[]", info);
            return null;
        }
        catch (NotSupportedException)
        {
            return "which JSON cannot fill. Use a list, an array, a set or a dictionary.";
        }
        catch (Exception)
        {
            // An empty collection may be refused for another reason, which is not what is checked here.
            return null;
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "An interface that was trimmed away is not one that JSON goes by.")]
    private static IEnumerable<Type> Ancestors(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            yield return at;
        }

        foreach (var contract in type.GetInterfaces())
        {
            yield return contract;
        }
    }

    private static int Nesting(Type type) =>
        type.IsGenericType ? 1 + type.GenericTypeArguments.Max(Nesting) : type.HasElementType ? 1 + Nesting(type.GetElementType()!) : 0;

    private static bool IsNever(JsonTypeInfo info) =>
        (Array.Exists(s_never, never => never.IsAssignableFrom(info.Type)) && !IsConvertedByTheUser(info))
        || (info.Type.IsArray && !info.Type.IsSZArray && !IsConvertedByTheUser(info))
        || info.Converter.GetType().Name.StartsWith("UnsupportedTypeConverter", StringComparison.Ordinal);

    private static bool IsConvertedByTheUser(JsonTypeInfo info) => info.Converter.GetType().Assembly != typeof(JsonConverter).Assembly;

    private static bool CanBeMade(JsonTypeInfo info) =>
        info.CreateObject is not null
        || info.PolymorphismOptions is { DerivedTypes.Count: > 0 }
        || (info.Properties.Count(static p => p.AssociatedParameter is not null) is > 0 and var bound
            && (info.ConstructorAttributeProvider is not MethodBase constructor || constructor.GetParameters().Length == bound));

    private static bool IsKey(JsonTypeInfo key) =>
        key.Type.IsEnum || s_keys.Contains(key.Type) || (IsConvertedByTheUser(key) && WritesNames(key.Converter.GetType()));

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "An override that JSON calls is not trimmed away.")]
    private static bool WritesNames(Type converter) => converter.GetMethods().Any(static m =>
        m.Name == nameof(JsonConverter<int>.WriteAsPropertyName) && m.DeclaringType!.Assembly != typeof(JsonConverter).Assembly);
}
