namespace Storefront.Ride;

/// <summary>Somebody works on a ride that is off.</summary>
public sealed class RideOverException(Guid ride) : Exception($"Ride {ride} is off.");
