using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Simmer;
using Simmer.AfterResponse;
using Simmer.Diagnostics;
using Simmer.Hosting;
using Simmer.Jobs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Simmer to an application.</summary>
public static class SimmerServiceCollectionExtensions
{
    /// <summary>Adds Simmer without its web part, for worker processes. A web application calls <c>AddSimmer</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A builder for queues, jobs and the store; the same one when called again.</returns>
    public static SimmerBuilder AddSimmerCore(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.FirstOrDefault(static s => s.ServiceType == typeof(SimmerSetup))?.ImplementationInstance is SimmerSetup existing)
        {
            return new SimmerBuilder(services, existing);
        }

        var setup = new SimmerSetup();
        setup.Jobs.Add(new JobDeclaration<AfterResponseBatch>(
            new AfterResponseHandlerFactory(),
            static o => (o.Kind, o.Queue, o.MaxAttempts) = (KindNames.AfterResponse, QueueNames.AfterResponse, 1),
            isLocalOnly: true));
        services.AddOptions();
        services.AddSingleton(setup);
        services.AddSingleton<IConfigureOptions<SimmerOptions>, ConfigureFromCode>();
        services.AddSingleton<IPostConfigureOptions<SimmerOptions>>(static s =>
            new ConfigureFromConfiguration(s.GetRequiredService<SimmerSetup>(), s.GetService<IConfiguration>()));
        services.AddSingleton(Mistakes.Of);
        services.AddSingleton<SimmerNode>();
        services.AddSingleton<SimmerStatus>();
        services.TryAddSingleton<IAfterResponseQueue>(static s => s.GetRequiredService<SimmerNode>().AfterResponse);
        services.AddAfterResponse();
        services.AddSingleton<IJobClient>(static s => s.GetRequiredService<SimmerNode>().Client);
        services.AddSingleton<IJobOperator>(static s => s.GetRequiredService<SimmerNode>().Operator);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SimmerHostedService>());
        return new SimmerBuilder(services, setup);
    }
}
