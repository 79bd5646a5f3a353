using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Simmer.AspNetCore.Jobs;

/// <summary>The answer of an endpoint that enqueued a job or a workflow.</summary>
internal static class AcceptedAnswer
{
    public static Task WriteAsync<TView>(HttpContext context, bool hasEnded, string? location, TView view, JsonTypeInfo<TView> json)
    {
        context.Response.StatusCode = hasEnded ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        context.Response.Headers.Location = location;
        return context.Response.WriteAsJsonAsync(view, json, cancellationToken: context.RequestAborted);
    }

    /// <summary>Describes the answers for OpenAPI.</summary>
    public static void Describe<TView>(EndpointBuilder builder)
    {
        builder.Metadata.Add(AcceptedMark.Instance);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(TView), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TView), ["application/json"]));
        builder.Metadata
            .Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(ProblemDetails),
            ["application/problem+json"]));
    }
}
