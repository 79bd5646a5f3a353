using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Tells OpenAPI about a parameter of an endpoint.</summary>
internal sealed class EndpointParameter : IParameterBindingMetadata
{
    private EndpointParameter(int position) => ParameterInfo = Method.GetParameters()[position];

    public static MethodInfo Method { get; } = ((Func<string, bool?, Task>)Described).Method;

    /// <summary>The route's id.</summary>
    public static EndpointParameter Id { get; } = new(0);

    /// <summary>Whether a workflow is shown with its steps.</summary>
    public static EndpointParameter Steps { get; } = new(1);

    public string Name => ParameterInfo.Name!;

    public bool HasTryParse => ParameterInfo.ParameterType != typeof(string);

    public bool HasBindAsync => false;

    public ParameterInfo ParameterInfo { get; }

    public bool IsOptional => HasTryParse;

    // Never called.
    private static Task Described(string id, bool? steps) => Task.FromResult((id, steps));
}
