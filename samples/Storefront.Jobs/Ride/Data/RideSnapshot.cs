namespace Storefront.Ride;

/// <summary>A ride as the shop's database knows it.</summary>
/// <param name="Id">Its id: that of its workflow.</param>
/// <param name="Pickup">The crossing where the passenger waits.</param>
/// <param name="Destination">The crossing to go to.</param>
/// <param name="State">Its state.</param>
/// <param name="Version">Raised with each change.</param>
/// <param name="Driven">How long the car has driven on its present route, in the city's seconds: the checkpoint of the drive.</param>
/// <param name="Assignment">The driver and the routes; <see langword="null"/>: there is no driver yet.</param>
/// <param name="Reason">Why it is off.</param>
public sealed record RideSnapshot(
    Guid Id, int Pickup, int Destination, RideState State, long Version, double Driven, Assignment? Assignment, string? Reason)
{
    /// <summary>Nothing more will happen.</summary>
    public bool IsOver => State is RideState.Arrived or RideState.Off;

    /// <summary>The route that the car is on, or was on when the ride ended.</summary>
    public Route? Route => State == RideState.Coming
        ? Assignment?.ToPickup
        : State is RideState.Riding or RideState.Arrived
        ? Assignment?.Trip
        : null;
}
