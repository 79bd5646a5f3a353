using Microsoft.AspNetCore.Mvc;

namespace Storefront.Shared;

public static class BodyLimits
{
    /// <summary>Refuses larger requests with 413, before they are read.</summary>
    public static TBuilder LimitBody<TBuilder>(this TBuilder builder, long bytes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequestSizeLimitAttribute(bytes));

    /// <summary>Takes requests of any size; for an endpoint that streams its body and never holds it.</summary>
    public static TBuilder UnlimitedBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new DisableRequestSizeLimitAttribute());
}
