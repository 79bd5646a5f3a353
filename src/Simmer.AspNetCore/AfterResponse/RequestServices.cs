using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>The request's DI scope, as the framework's own feature makes it, with a link back to the request.
/// One object a request, in place of the framework's; made anew each time, unlike the <see cref="HttpContext"/>, which servers
/// reuse.</summary>
internal sealed class RequestServices(HttpContext context, IServiceScopeFactory scopes) : IServiceProvidersFeature, IAsyncDisposable
{
    private HttpContext? _context = context;
    private IServiceScope? _scope;
    private IServiceProvider? _services;
    private bool _isSet;

    /// <summary>The pipeline threw, and not because the client had left.</summary>
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

    /// <summary>The request's first task was added: the tasks are handed over when its response has been sent.</summary>
    public AfterResponseBatch? Register(BackgroundTasks tasks)
    {
        if (_context is not { } context)
        {
            return null;
        }

        // The callback hands over and returns at once: the server serves the connection's next request only after it.
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

    // The status alone is not enough: a throw after the response has started leaves a 200. 499 is what exception handlers make of a client
    // that left.
    private static bool HasFailed(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status499ClientClosedRequest => !context.RequestAborted.IsCancellationRequested,
        var status => status >= 400,
    };

    // Released after the tasks are handed over: the server calls back in reverse order, and the scope comes before the first task.
    private IServiceProvider Create()
    {
        _context!.Response.RegisterForDisposeAsync(this);
        _scope = scopes.CreateScope();
        (_services, _isSet) = (_scope.ServiceProvider, true);
        LinkTo(_services);
        return _services;
    }
}
