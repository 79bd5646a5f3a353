using Simmer;

namespace Storefront.Ride;

/// <summary>Drives one of the two routes: to the passenger, then to the destination.</summary>
/// <param name="Ride">The ride.</param>
/// <param name="State">The state that the ride is in meanwhile: <see cref="RideState.Coming"/> or <see cref="RideState.Riding"/>.</param>
[Job("drive", Queue = "rides", TimeLimitSeconds = 60 * 60)]
public sealed record Drive(Guid Ride, RideState State) : IJob;
