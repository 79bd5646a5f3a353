using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer.Hosting;

namespace Simmer.AfterResponse;

/// <summary>The services of after-response tasks that need no web.</summary>
internal static class AfterResponseServices
{
    public static void AddAfterResponse(this IServiceCollection services)
    {
        services.TryAddSingleton<IAfterResponseLane>(static s => s.GetRequiredService<SimmerNode>().AfterResponse);
        services.TryAddSingleton<IBackgroundTaskQueue, BackgroundTaskQueue>();
        services.TryAddScoped(static s => new BackgroundTasks(s.GetRequiredService<IAfterResponseLane>(), s.GetService<IResponseSignal>()));
    }
}
