using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.AspNetCore.Overload;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>Links a request's DI scope to the request, and notes whether its pipeline threw.</summary>
internal sealed class AfterResponseMiddleware(RequestDelegate next, IServiceScopeFactory scopes, ILogger logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = Link(context);
        Task pipeline;
        try
        {
            pipeline = next(context);
        }
        catch (Exception e)
        {
            pipeline = Task.FromException(e);
        }

        // Most requests that wait for nothing end here: no state machine for them.
        return pipeline.IsCompletedSuccessfully ? pipeline : WatchAsync(context, request, pipeline);
    }

    // No IHttpContextAccessor: it costs every request, and knows nothing of exceptions.
    private RequestServices Link(HttpContext context)
    {
        var request = new RequestServices(context, scopes);
        if (context.Features.Get<IServiceProvidersFeature>() is { } existing)
        {
            // Somebody further out has made the scope.
            request.LinkTo(existing.RequestServices);
        }
        else
        {
            context.Features.Set<IServiceProvidersFeature>(request);
        }

        return request;
    }

    // Its state is an object of every request that waits: no await in a catch, and no awaiter of another type.
    private async Task WatchAsync(HttpContext context, RequestServices request, Task pipeline)
    {
        Exception unavailable;
        try
        {
            await pipeline;
            return;
        }
        catch (Exception e) when (UnavailableAnswer.Fits(e))
        {
            request.HasThrown = true;
            unavailable = e;
        }
        catch (Exception e)
        {
            request.HasThrown = !IsDisconnect(e, context);
            throw;
        }

        await AnswerAsync(context, unavailable);
    }

    private async Task AnswerAsync(HttpContext context, Exception unavailable)
    {
        if (!await UnavailableAnswer.TryWriteAsync(context, unavailable, logger))
        {
            ExceptionDispatchInfo.Throw(unavailable);
        }
    }

    // A client that leaves does not lose its tasks.
    private static bool IsDisconnect(Exception e, HttpContext context) =>
        e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested;
}
