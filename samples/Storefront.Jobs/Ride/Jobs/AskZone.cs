using Simmer;

namespace Storefront.Ride;

/// <summary>Asks the dispatcher of one zone.</summary>
[Job("ask-zone", Queue = "rides", TimeLimitSeconds = 60)]
public sealed record AskZone(string Zone) : IJob<ZoneDrivers>;

/// <summary>Who is free in a zone.</summary>
public sealed record ZoneDrivers(string Zone, IReadOnlyList<Driver> Drivers);
