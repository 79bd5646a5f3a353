namespace Storefront.Ride;

/// <summary>Thrown for work on a ride that has been cancelled.</summary>
public sealed class RideOverException(Guid ride) : Exception($"Ride {ride} is off.");
