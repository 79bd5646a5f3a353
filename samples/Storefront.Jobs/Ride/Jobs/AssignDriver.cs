using Simmer;

namespace Storefront.Ride;

/// <summary>Claims the quickest driver who is still free.</summary>
[Job("assign-driver", Queue = "rides")]
public sealed record AssignDriver(Guid Ride) : IJob<Assignment>;

/// <summary>Who drives, and along which routes.</summary>
public sealed record Assignment(Driver Driver, Route ToPickup, Route Trip);

/// <summary>Undoes <see cref="AssignDriver"/>.</summary>
[Job("free-driver", Queue = "rides")]
public sealed record FreeDriver(Guid Ride) : IJob;
