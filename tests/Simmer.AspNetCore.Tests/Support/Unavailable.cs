using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Simmer.AspNetCore.Tests.Jobs;

namespace Simmer.AspNetCore.Tests.Support;

/// <summary>Checks answers with 503, and adds the middleware that might turn them into something else.</summary>
internal static class Unavailable
{
    public static TheoryData<string> Ways => ["plain", "handler", "custom handler", "problem details", "developer page"];

    public static void Use(WebApplicationBuilder builder, string way)
    {
        if (way == "custom handler")
        {
            builder.Services.AddExceptionHandler<EverythingIs500>();
        }

        if (way is "problem details" or "custom handler")
        {
            builder.Services.AddProblemDetails();
        }
    }

    public static void Use(WebApplication app, string way)
    {
        switch (way)
        {
            case "handler":
                app.UseExceptionHandler(static handler => handler.Run(static context => context.Response.WriteAsync("oops")));
                break;
            case "custom handler" or "problem details":
                app.UseExceptionHandler();
                break;
            case "developer page":
                app.UseDeveloperExceptionPage();
                break;
        }
    }

    /// <summary>Sends a request that is answered 503 with Retry-After and problem details.</summary>
    /// <returns>The problem.</returns>
    public static async Task<JsonElement> Is503Async(this TestApp app, HttpMethod method, string path)
    {
        var (response, body) = await app.SendAsync(method, path);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, path);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        body.GetProperty("status").GetInt32().ShouldBe(503);
        return body;
    }

    private sealed class EverythingIs500 : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            httpContext.Response.StatusCode = 500;
            await httpContext.Response.WriteAsync("the user's own", cancellationToken);
            return true;
        }
    }
}
