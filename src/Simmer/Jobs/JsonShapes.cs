using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Simmer.Jobs;

/// <summary>Finds out at start whether a type can be written as JSON and read back, so that no job is lost later because it
/// cannot.</summary>
internal static class JsonShapes
{
    /// <summary>Completes the options: a resolver (the user's, otherwise reflection where it is switched on), and the rules of
    /// <see cref="WholeValues"/>, by which a value is stored and read whole or not at all.</summary>
    /// <remarks>Fields are included: without them value tuples and records with public fields would be stored empty.</remarks>
    [UnconditionalSuppressMessage("Trimming", "IL2026",
        Justification = "Only where reflection is switched on; trimmed applications switch it off and set a source-generated resolver.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    public static JsonSerializerOptions WithResolver(JsonSerializerOptions options)
    {
        var copy = new JsonSerializerOptions(options) { IncludeFields = true, RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true };
        if (copy.TypeInfoResolver is null && JsonSerializer.IsReflectionEnabledByDefault)
        {
            copy.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        }

        copy.TypeInfoResolver = (copy.TypeInfoResolver ?? JsonTypeInfoResolver.Combine()).WithAddedModifier(WholeValues.RefuseDerived)
            .WithAddedModifier(WholeValues.LetBeMissing);
        copy.MakeReadOnly();
        return copy;
    }

    public static JsonTypeInfo<T>? Resolve<T>(JsonSerializerOptions json, string what, List<string> problems)
    {
        try
        {
            var info = (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T));
            new RoundTrip(what, problems).Check(info);
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
            new RoundTrip($"The result of job '{kind}'", problems).Check(json.GetTypeInfo(adapter.Type));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            problems.Add($"The result of job '{kind}' ({TypeNames.Of(adapter.Type)}) cannot be stored as JSON: {e.Message}");
        }
    }
}
