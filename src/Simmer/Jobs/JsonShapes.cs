using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>Finds out at start whether a type can be written and read back, so that no job is lost to it later.</summary>
internal static class JsonShapes
{
    private static readonly Type[] s_never = [typeof(Delegate), typeof(Stream), typeof(Task), typeof(Type), typeof(CancellationToken), typeof(IntPtr), typeof(UIntPtr)];

    /// <summary>The options with a resolver: the user's, else reflection where that is switched on.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is switched on; trimmed applications switch it off and set a source-generated resolver.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    public static JsonSerializerOptions WithResolver(JsonSerializerOptions options)
    {
        var copy = new JsonSerializerOptions(options);
        if (copy.TypeInfoResolver is null && JsonSerializer.IsReflectionEnabledByDefault)
        {
            copy.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        }

        copy.TypeInfoResolver ??= JsonTypeInfoResolver.Combine();
        copy.MakeReadOnly();
        return copy;
    }

    public static JsonTypeInfo<T>? Resolve<T>(JsonSerializerOptions json, string what, List<string> problems)
    {
        try
        {
            var info = (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T));
            Walk(info, what, typeof(T).Name, [], problems);
            return info;
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            problems.Add($"{what} cannot be stored as JSON: {e.Message}");
            return null;
        }
    }

    public static void ResolveOrReport(this ResultAdapter adapter, JsonSerializerOptions json, string kind, List<string> problems)
    {
        try
        {
            adapter.Resolve(json);
            Walk(json.GetTypeInfo(adapter.Type), $"The result of job '{kind}'", adapter.Type.Name, [], problems);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            problems.Add($"The result of job '{kind}' ({adapter.Type.Name}) cannot be stored as JSON: {e.Message}");
        }
    }

    private static void Walk(JsonTypeInfo info, string what, string path, HashSet<Type> seen, List<string> problems)
    {
        if (!seen.Add(info.Type))
        {
            return;
        }

        if (Array.Exists(s_never, never => never.IsAssignableFrom(info.Type)))
        {
            problems.Add($"{what} cannot be stored as JSON: {path} is a {info.Type.Name}. Keep identifiers in the record and fetch the rest in the handler.");
            return;
        }

        if (info.Kind == JsonTypeInfoKind.Object && !CanBeMade(info))
        {
            problems.Add($"{what} cannot be read back from JSON: {path} is a {info.Type.Name}, which has no constructor that JSON can call. Use a record, or declare its derived types with [JsonDerivedType].");
        }

        foreach (var property in info.Properties)
        {
            Walk(info.Options.GetTypeInfo(property.PropertyType), what, $"{path}.{property.Name}", seen, problems);
        }

        if (info.ElementType is { } element)
        {
            Walk(info.Options.GetTypeInfo(element), what, path + "[]", seen, problems);
        }
    }

    private static bool CanBeMade(JsonTypeInfo info) =>
        info.CreateObject is not null
        || info.PolymorphismOptions is { DerivedTypes.Count: > 0 }
        || info.Properties.Any(static p => p.AssociatedParameter is not null);
}
