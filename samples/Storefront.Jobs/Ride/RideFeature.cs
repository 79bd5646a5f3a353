using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer;

namespace Storefront.Ride;

public static class RideFeature
{
    private const int CitySeed = 7;

    /// <summary>Registers the jobs of the rides and the services their handlers need. It knows nothing of HTTP, so a worker process calls
    /// it as well.</summary>
    public static SimmerBuilder AddRide(this SimmerBuilder simmer)
    {
        simmer.Services.AddOptions<RideOptions>().BindConfiguration("Storefront:Ride").ValidateDataAnnotations().ValidateOnStart();
        simmer.Services.TryAddSingleton(_ => CityPlan.Draw(CitySeed));
        simmer.Services.TryAddSingleton<RouteFinder>();
        simmer.Services.TryAddSingleton<RideDatabase>();
        simmer.Services.TryAddSingleton<RideStore>();
        simmer.Services.TryAddSingleton<RideSignals>();
        simmer.Services.TryAddSingleton<Fleet>();
        simmer.Services.TryAddSingleton<RideDesk>();
        simmer.Services.TryAddSingleton<Dispatcher>();
        simmer.Services.TryAddSingleton<Chauffeur>();

        return simmer
            // A drive is mostly waiting and holds no thread: one slot for each car that moves.
            .AddQueue("rides", queue => queue.Concurrency = 200)
            .AddJob(static (FindDrivers job, Dispatcher dispatcher, JobContext context, CancellationToken ct) => dispatcher
                .FindDriversAsync(job, context, ct))
            .AddJob(static (AskZone job, Dispatcher dispatcher, JobContext context, CancellationToken ct) => dispatcher
                .AskZoneAsync(job, context, ct))
            .AddJob(static (FindRoutes job, IReadOnlyList<ZoneDrivers> zones, Dispatcher dispatcher, JobContext context,
                CancellationToken ct) =>
                dispatcher.FindRoutesAsync(job, zones, context, ct))
            .AddJob(static (AssignDriver job, RideRoutes found, Dispatcher dispatcher, JobContext context, CancellationToken ct) =>
                dispatcher.AssignAsync(job, found, context, ct))
            .AddJob(static (FreeDriver job, Dispatcher dispatcher, CancellationToken ct) => dispatcher.FreeAsync(job, ct))
            .AddJob(static (Drive job, Assignment assignment, Chauffeur chauffeur, JobContext context, CancellationToken ct) =>
                chauffeur.DriveAsync(job, assignment, context, ct))
            .AddJob(static (CallOff job, RideDesk desk, JobContext context, CancellationToken ct) => desk.CallOffAsync(job, context, ct));
    }
}
