using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>The DI scope of a request, as the framework's own feature makes it, with a link back to the request. It takes the place of the
/// framework's object. It is made anew for each request, unlike the <see cref="HttpContext"/>, which servers reuse.</summary>
internal sealed class RequestServices(HttpContext context, IServiceScopeFactory scopes) : IServiceProvidersFeature, IAsyncDisposable
{
    private HttpContext? _context = context;
    private IServiceScope? _scope;
    private IServiceProvider? _services;
    private bool _isSet;

    /// <summary>Whether the pipeline threw for another reason than that the client had left.</summary>
    public bool HasThrown { get; set; }

    IServiceProvider IServiceProvidersFeature.RequestServices
    {
        get => _isSet ? _services! : Create();
        set
        {
            (_services, _isSet) = (value, true);
            LinkTo(value);
        }
    }

    public void LinkTo(IServiceProvider? services)
    {
        if (services?.GetService<IResponseSignal>() is RequestSignal signal)
        {
            signal.Request = this;
        }
    }

    /// <summary>Called when the request's first task is added: the tasks are handed over when its response has been sent.</summary>
    public AfterResponseBatch? Register(BackgroundTasks tasks)
    {
        if (_context is not { } context)
        {
            return null;
        }

        // The callback hands the tasks over and returns at once: the server takes the connection's next request only after it.
        context.Response.OnCompleted(
            static state =>
            {
                var (tasks, request, context) = ((BackgroundTasks, RequestServices, HttpContext))state;
                tasks.Complete(request.HasThrown ? "threw" : HasFailed(context) ? $"was answered {context.Response.StatusCode}" : null);
                return Task.CompletedTask;
            },
            (tasks, this, context));
        return new AfterResponseBatch { Method = context.Request.Method, Path = context.Request.Path.Value,
            Endpoint = context.GetEndpoint()?.DisplayName, Origin = Activity.Current };
    }

    public async ValueTask DisposeAsync()
    {
        _context = null;
        _services = null;
        if (_scope is IAsyncDisposable scope)
        {
            _scope = null;
            await scope.DisposeAsync();
        }
        else
        {
            _scope?.Dispose();
        }
    }

    // The status alone does not tell: if the pipeline throws after the response has started, it stays 200. Exception handlers answer 499
    // when the client has left, which is no failure.
    private static bool HasFailed(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status499ClientClosedRequest => !context.RequestAborted.IsCancellationRequested,
        var status => status >= 400,
    };

    // The scope is disposed of after the tasks are handed over: the server runs its callbacks in reverse order, and the scope is made
    // before the first task.
    private IServiceProvider Create()
    {
        _context!.Response.RegisterForDisposeAsync(this);
        _scope = scopes.CreateScope();
        (_services, _isSet) = (_scope.ServiceProvider, true);
        LinkTo(_services);
        return _services;
    }
}
