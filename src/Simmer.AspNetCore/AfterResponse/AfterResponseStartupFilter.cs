using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.AfterResponse;

/// <summary>Puts the middleware outside all others, so that it sees what they throw and how they answer.</summary>
internal sealed class AfterResponseStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var scopes = app.ApplicationServices.GetRequiredService<IServiceScopeFactory>();
        var logger = GuardedLogger.For(app.ApplicationServices, "Simmer.AspNetCore");
        app.Use(pipeline => new RequestDelegate(new AfterResponseMiddleware(pipeline, scopes, logger).InvokeAsync));
        next(app);
    };
}
