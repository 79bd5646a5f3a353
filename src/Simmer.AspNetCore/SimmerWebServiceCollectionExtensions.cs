using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Simmer;
using Simmer.AfterResponse;
using Simmer.AspNetCore;
using Simmer.AspNetCore.AfterResponse;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.AspNetCore.Views;
using Simmer.AspNetCore.Workflows;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Simmer to a web application.</summary>
public static class SimmerWebServiceCollectionExtensions
{
    /// <summary>Adds Simmer: queues, jobs, and <see cref="BackgroundTasks"/> that run after the response. Options bind from the
    /// configuration section <c>Simmer</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A builder for queues, jobs and the store; calling it again goes on with the same one.</returns>
    public static SimmerBuilder AddSimmer(this IServiceCollection services)
    {
        var builder = services.AddSimmerCore();
        if (services.Any(static s => s.ServiceType == typeof(IResponseSignal)))
        {
            return builder;
        }

        // Inserted before all others of their kind: the filter is the outermost middleware, and a full queue or a store that is away is
        // answered before the application's own handler makes a 500 of it.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, AfterResponseStartupFilter>());
        services.Insert(0, ServiceDescriptor.Singleton<IExceptionHandler, UnavailableExceptionHandler>());
        services.Insert(0, ServiceDescriptor.Singleton<IDeveloperPageExceptionFilter, UnavailableDeveloperPage>());
        services.AddScoped<IResponseSignal, RequestSignal>();
        services.AddSingleton<JobMappings>();
        services.AddSingleton(static services => new GuessableIdGate(
            services.GetRequiredService<EndpointDataSource>(), services.GetRequiredService<ILoggerFactory>(), services
                .GetService<TimeProvider>()));
        services.AddSingleton<ViewLinks>();
        services.AddSingleton<JobViews>();
        services.AddSingleton<WorkflowViews>();
        services.AddRouting();
        services.AddHostedService<AcceptedCheck>();
        services.Configure<JsonOptions>(static o => o.SerializerOptions.TypeInfoResolverChain.Add(WebJson.Default));
        return builder;
    }
}
