using Microsoft.Extensions.Options;
using Simmer;

namespace Storefront.Ride;

/// <summary>Drives a car along its route. Each move is a checkpoint: killed at any moment, the car goes on from where it was.</summary>
public sealed class Chauffeur(RideStore rides, IOptions<RideOptions> options, TimeProvider clock)
{
    /// <param name="job">Which of the two routes.</param>
    /// <param name="assignment">Who drives, and along which routes.</param>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Stops the car where it is.</param>
    public async Task<JobVerdict> DriveAsync(Drive job, Assignment assignment, JobContext context, CancellationToken cancellationToken)
    {
        var ride = await rides.GetAsync(job.Ride, cancellationToken);
        if (ride.State == RideState.Off)
        {
            return JobVerdict.Cancel("the ride is off");
        }

        // In another state it has been driven already: the process died between the last move and the end of the job.
        if (ride.State == job.State)
        {
            var route = job.State == RideState.Coming ? assignment.ToPickup : assignment.Trip;
            await DriveAsync(ride, route, assignment.Driver, context.Progress, cancellationToken);
        }

        context.Progress.Report(1, job.State == RideState.Coming ? $"{assignment.Driver.Name} is there" : "arrived");
        return JobVerdict.Success;
    }

    private async Task DriveAsync(RideSnapshot ride, Route route, Driver driver, JobProgress progress, CancellationToken cancellationToken)
    {
        var goal = ride.State == RideState.Coming ? $"{driver.Name} is with you" : "you are there";
        for (var last = clock.GetTimestamp(); ride.Driven < route.Seconds;)
        {
            progress.Report(ride.Driven / route.Seconds, $"{goal} in {Minutes(route.Seconds - ride.Driven)}");
            await Task.Delay(options.Value.Tick, clock, cancellationToken);
            var now = clock.GetTimestamp();
            var driven = Math.Min(route.Seconds, ride.Driven + (clock.GetElapsedTime(last, now).TotalSeconds * options.Value.Speed));
            last = now;
            ride = await rides.MoveAsync(ride, driven, route.PositionAt(driven).Crossing, cancellationToken);
        }

        await rides.ReachAsync(ride, cancellationToken);
    }

    private static string Minutes(double seconds) => seconds < 60 ? "less than a minute" : $"{Math.Round(seconds / 60)} min";
}
