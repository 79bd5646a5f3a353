using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Tells OpenAPI about the route's <c>id</c>.</summary>
internal sealed class IdParameter : IParameterBindingMetadata
{
    public static MethodInfo Method { get; } = ((Func<string, Task>)Described).Method;

    public string Name => "id";

    public bool HasTryParse => false;

    public bool HasBindAsync => false;

    public ParameterInfo ParameterInfo { get; } = Method.GetParameters()[0];

    public bool IsOptional => false;

    // Never called.
    private static Task Described(string id) => Task.FromResult(id);
}
