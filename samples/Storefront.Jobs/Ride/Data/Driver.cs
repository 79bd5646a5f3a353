namespace Storefront.Ride;

/// <summary>A driver of the fleet.</summary>
/// <param name="Id">The number.</param>
/// <param name="Name">The name.</param>
/// <param name="Car">What to look out for.</param>
/// <param name="Crossing">The crossing that the car stands at or passed last.</param>
public sealed record Driver(int Id, string Name, string Car, int Crossing);
