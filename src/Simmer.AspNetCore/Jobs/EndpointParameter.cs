using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Describes a parameter of an endpoint for OpenAPI.</summary>
internal sealed class EndpointParameter : IParameterBindingMetadata
{
    private EndpointParameter(int position) => ParameterInfo = Method.GetParameters()[position];

    public static MethodInfo Method { get; } = ((Func<string, bool?, Task>)Described).Method;

    /// <summary>The id in the route.</summary>
    public static EndpointParameter Id { get; } = new(0);

    /// <summary>Whether a workflow is shown with its steps.</summary>
    public static EndpointParameter Steps { get; } = new(1);

    public string Name => ParameterInfo.Name!;

    public bool HasTryParse => ParameterInfo.ParameterType != typeof(string);

    public bool HasBindAsync => false;

    public ParameterInfo ParameterInfo { get; }

    public bool IsOptional => HasTryParse;

    // Never called; its parameters are read by reflection.
    private static Task Described(string id, bool? steps) => Task.FromResult((id, steps));
}
