using Simmer;

namespace Storefront.Ride;

/// <summary>Asks the zones near the passenger for free drivers: one step for each, added when it is known where the passenger
/// waits.</summary>
[Job("find-drivers", Queue = "rides", Adds = typeof(ZoneDrivers))]
public sealed record FindDrivers(Guid Ride) : IJob;
