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

        // Requests whose pipeline has completed by now, as most do that wait for nothing, need no state machine.
        return pipeline.IsCompletedSuccessfully ? pipeline : WatchAsync(context, request, pipeline);
    }

    // IHttpContextAccessor is not used: it costs every request something, and knows nothing of exceptions.
    private RequestServices Link(HttpContext context)
    {
        var request = new RequestServices(context, scopes);
        if (context.Features.Get<IServiceProvidersFeature>() is { } existing)
        {
            // A middleware further out has made the DI scope already.
            request.LinkTo(existing.RequestServices);
        }
        else
        {
            context.Features.Set<IServiceProvidersFeature>(request);
        }

        return request;
    }

    // Every request that waits allocates the state of this method, so it is kept small: no await in a catch, and no awaiter of a second
    // type.
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

    // A request that ends because its client has left counts as no failure: its tasks run.
    private static bool IsDisconnect(Exception e, HttpContext context) =>
        e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested;
}
