using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Simmer;
using Storefront.Shared;

namespace Storefront.Ride;

public static class RideEndpoints
{
    public static IEndpointRouteBuilder MapRide(this IEndpointRouteBuilder routes)
    {
        var rides = routes.MapGroup("/rides");
        rides.MapGet("/city", (City city) => city);
        rides.MapGet("/drivers", DriversAsync);
        rides.MapPost("/", RequestAsync).LimitBody(16 * 1024);
        rides.MapGet("/{id:guid}", FindAsync);
        rides.MapGet("/{id:guid}/positions", PositionsAsync);
        return routes;
    }

    private static async Task<IEnumerable<DriverView>> DriversAsync(Fleet fleet, City city, CancellationToken cancellationToken) =>
        from one in await fleet.AllAsync(cancellationToken)
        let at = city.Crossings[one.Driver.Crossing]
        select new DriverView(one.Driver.Id, one.Driver.Name, one.Driver.Car, at.X, at.Y, one.IsFree);

    /// <summary>Answers as soon as the ride is committed; its steps are followed, and cancelled, where the jobs are mapped.</summary>
    private static async Task<IResult> RequestAsync(RideForm form, City city, RideDesk desk, CancellationToken cancellationToken)
    {
        var (pickup, destination) = (city.Find(form.From), city.Find(form.To));
        return pickup == destination
            ? Results.Problem($"You are at {pickup.Address} already; ask for a ride to another address.",
                statusCode: StatusCodes.Status400BadRequest)
            : JobResults.Accepted(await desk.RequestAsync(pickup, destination, cancellationToken));
    }

    private static async Task<Results<Ok<RideDetails>, NotFound>> FindAsync(Guid id, RideStore rides, City city, RideSignals signals,
        CancellationToken cancellationToken) =>
        await rides.FindAsync(id, cancellationToken) is { } ride
            ? TypedResults.Ok(new RideDetails(RideView.Of(ride, city, signals), ride.Assignment?.ToPickup, ride.Assignment?.Trip))
            : TypedResults.NotFound();

    /// <summary>The car's positions as server-sent events: <c>position</c> is a move, <c>end</c> the last.</summary>
    private static async Task<IResult> PositionsAsync(
        Guid id, RideStore rides, RideWatch watch, HttpResponse response, [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
            CancellationToken cancellationToken)
    {
        var seen = long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;
        if (await rides.FindAsync(id, cancellationToken) is not { } ride)
        {
            return TypedResults.NotFound();
        }

        if (ride.IsOver && ride.Version == seen)
        {
            // The client has had the last event. After a 204 an event source does not connect again; after the end of a stream it would.
            return TypedResults.NoContent();
        }

        response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(EventsAsync(watch.FollowAsync(id, seen, cancellationToken), cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<RideView>> EventsAsync(IAsyncEnumerable<RideView> views,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var view in views.WithCancellation(cancellationToken))
        {
            var isOver = view.State is RideState.Arrived or RideState.Off;
            yield return new SseItem<RideView>(view,
                isOver ? "end" : "position") { EventId = view.Version.ToString(CultureInfo.InvariantCulture) };
        }
    }
}
