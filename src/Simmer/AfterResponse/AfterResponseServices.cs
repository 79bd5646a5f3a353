using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer.Diagnostics;

namespace Simmer.AfterResponse;

/// <summary>Registers the services for after-response tasks that need no web server.</summary>
internal static class AfterResponseServices
{
    public static void AddAfterResponse(this IServiceCollection services)
    {
        services.TryAddSingleton<IBackgroundTaskQueue, BackgroundTaskQueue>();
        services.TryAddSingleton(static s => new RootServices(s));
        services.TryAddScoped(static s =>
        {
            if (ReferenceEquals(s, s.GetRequiredService<RootServices>().Services))
            {
                s.GetRequiredService<Mistakes>().Tell(
                    "BackgroundTasks was taken from the application's root services, as by a singleton or a hosted service. Its tasks "
                        + "start when its scope ends, which is the end of the process: they would not run, or be lost. " +
                    "Take it in the endpoint, in a scoped service or from a scope of your own that you dispose of; a singleton starts a "
                        + "task at once with IBackgroundTaskQueue.Enqueue.");
            }

            return new BackgroundTasks(s.GetRequiredService<IAfterResponseQueue>(), s.GetService<IResponseSignal>());
        });
    }
}
