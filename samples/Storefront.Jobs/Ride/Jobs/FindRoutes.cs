using Simmer;

namespace Storefront.Ride;

/// <summary>Finds the best routes: from each driver that the zones have found to the passenger, and from there to the
/// destination.</summary>
[Job("find-routes", Queue = "rides")]
public sealed record FindRoutes(Guid Ride) : IJob<RideRoutes>;

/// <summary>The drivers that could come, and the route of the trip.</summary>
/// <param name="Trip">From the passenger to the destination.</param>
/// <param name="Offers">Who could come; the quickest first.</param>
/// <param name="Zones">The zones that were asked.</param>
public sealed record RideRoutes(Route Trip, IReadOnlyList<Offer> Offers, IReadOnlyList<string> Zones);

/// <summary>A driver who could come, and the route to the passenger.</summary>
public sealed record Offer(Driver Driver, Route ToPickup);
