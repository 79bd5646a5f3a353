using Simmer;

namespace Storefront.Ride;

/// <summary>Tells those who watch the ride that it came to nothing, and why.</summary>
[Job("call-off", Queue = "rides")]
public sealed record CallOff(Guid Ride) : IJob;
