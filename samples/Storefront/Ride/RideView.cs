namespace Storefront.Ride;

/// <summary>A ride as the page shows it.</summary>
/// <param name="Id">Its id, and that of its workflow.</param>
/// <param name="From">Where the passenger waits.</param>
/// <param name="To">Where to go.</param>
/// <param name="State">Its state.</param>
/// <param name="Version">Raised with each change; the id of live events.</param>
/// <param name="Driver">Who drives.</param>
/// <param name="Car">Where the car is.</param>
/// <param name="SecondsLeft">How long the car still drives on its present route, in the city's seconds.</param>
/// <param name="Reason">Why it is off.</param>
/// <param name="Watching">How many clients of this process watch it.</param>
public sealed record RideView(
    Guid Id, string From, string To, RideState State, long Version, Driver? Driver, CarPosition? Car, double? SecondsLeft, string? Reason,
        int Watching)
{
    public static RideView Of(RideSnapshot ride, City city, RideSignals signals) => new(
        ride.Id, city.Crossings[ride.Pickup].Address, city.Crossings[ride.Destination].Address, ride.State, ride.Version,
        ride.Assignment?.Driver, ride.Route?.PositionAt(ride.Driven), ride.Route?.Seconds - ride.Driven, ride.Reason, signals
            .CountOf(ride.Id));
}

/// <summary>A ride with its routes.</summary>
public sealed record RideDetails(RideView Ride, Route? ToPickup, Route? Trip);

/// <summary>A driver on the map.</summary>
public sealed record DriverView(int Id, string Name, string Car, double X, double Y, bool Free);
