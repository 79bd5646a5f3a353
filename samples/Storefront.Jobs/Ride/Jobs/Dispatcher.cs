using Microsoft.Extensions.Options;
using Simmer;
using Storefront.Shared;

namespace Storefront.Ride;

/// <summary>Finds a driver: the steps from the request to the assignment, and what undoes it.</summary>
public sealed class Dispatcher(RideStore rides, Fleet fleet, City city, RouteFinder routes, SlowGateway gateway,
    IOptions<RideOptions> options, TimeProvider clock)
{
    /// <summary>The largest distance of a zone from the passenger, in blocks.</summary>
    private const int Reach = 3;

    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);

    public async Task FindDriversAsync(FindDrivers job, JobContext context, CancellationToken cancellationToken)
    {
        var pickup = city.Crossings[(await rides.GetAsync(job.Ride, cancellationToken)).Pickup];
        var near = city.Zones.Where(zone => zone.BlocksTo(pickup) <= Reach).ToList();
        foreach (var zone in near)
        {
            context.AddStep(zone.Id, new AskZone(zone.Id));
        }

        context.Progress.Report(1, $"asking {near.Count} zones");
    }

    public async Task<ZoneDrivers> AskZoneAsync(AskZone job, JobContext context, CancellationToken cancellationToken)
    {
        // The zone's dispatcher answers through a gateway, like all the world outside.
        await gateway.CallAsync(cancellationToken);
        var free = await fleet.FreeInAsync(ZoneOf(job.Zone), cancellationToken);
        context.Progress.Report(1, free.Count == 1 ? "1 driver" : $"{free.Count} drivers");
        return new ZoneDrivers(job.Zone, free);
    }

    /// <param name="job">The job.</param>
    /// <param name="zones">What the zones have found, in the order in which they were asked.</param>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RideRoutes> FindRoutesAsync(FindRoutes job, IReadOnlyList<ZoneDrivers> zones, JobContext context,
        CancellationToken cancellationToken)
    {
        var ride = await rides.GetAsync(job.Ride, cancellationToken);
        var trip = routes.Find(ride.Pickup, ride.Destination)!;
        var found = new RideRoutes(trip, Offers(zones.SelectMany(zone => zone.Drivers), ride.Pickup), [.. zones.Select(zone => zone.Zone)]);
        context.Progress.Report(1, $"{trip.Metres / 1000:0.0} km; {found.Offers.Count} could come");
        return found;
    }

    /// <summary>Claims a driver. The one that was found may have been claimed by another ride meanwhile; then it looks again.</summary>
    public async Task<JobVerdict<Assignment>> AssignAsync(AssignDriver job, RideRoutes found, JobContext context,
        CancellationToken cancellationToken)
    {
        try
        {
            var assignment = await fleet.ClaimAsync(job.Ride, found.Offers, found.Trip, cancellationToken)
                ?? await ClaimAnewAsync(job.Ride, found, cancellationToken);
            if (assignment is not null)
            {
                context.Progress.Report(1, $"{assignment.Driver.Name} in the {assignment.Driver.Car}");
                return assignment;
            }
        }
        catch (RideOverException exception)
        {
            return JobVerdict.Cancel(exception.Message);
        }

        var nobody = $"no driver is free near {city.Crossings[found.Trip.Stops[0].Crossing].Address}";
        var waited = clock.GetUtcNow() - context.EnqueuedAt;

        // A driver is free again whenever a ride ends, so the passenger would rather wait a moment than ask again; but not for long. While
        // it snoozes the step holds no slot and spends no attempt.
        if (waited < options.Value.Patience)
        {
            context.Progress.Report(0, $"{nobody}; looking again");
            return JobVerdict.Snooze(s_lookAgain, nobody);
        }

        return JobVerdict.Fail($"{nobody}; looked for {waited.TotalSeconds:0} s");
    }

    /// <summary>Wherever the car is.</summary>
    public Task FreeAsync(FreeDriver job, CancellationToken cancellationToken) => fleet.FreeAsync(job.Ride, cancellationToken);

    private async Task<Assignment?> ClaimAnewAsync(Guid ride, RideRoutes found, CancellationToken cancellationToken)
    {
        var free = new List<Driver>();
        foreach (var zone in found.Zones)
        {
            free.AddRange(await fleet.FreeInAsync(ZoneOf(zone), cancellationToken));
        }

        return free.Count == 0
            ? null
            : await fleet.ClaimAsync(ride, Offers(free, found.Trip.Stops[0].Crossing), found.Trip, cancellationToken);
    }

    private List<Offer> Offers(IEnumerable<Driver> drivers, int pickup) =>
        [.. drivers.Select(driver => new Offer(driver, routes.Find(driver.Crossing, pickup)!)).OrderBy(offer => offer.ToPickup.Seconds)];

    private Zone ZoneOf(string id) => city.Zones.First(zone => zone.Id == id);
}
