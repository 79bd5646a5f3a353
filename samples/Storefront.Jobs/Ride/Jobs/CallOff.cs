using Simmer;

namespace Storefront.Ride;

/// <summary>Tells the watchers of a ride that it does not take place, and why.</summary>
[Job("call-off", Queue = "rides")]
public sealed record CallOff(Guid Ride) : IJob;
