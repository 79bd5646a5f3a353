namespace Simmer.FleetTests.Hosts;

/// <summary>A job with a large record.</summary>
public sealed record Freight(string Load) : IJob;
