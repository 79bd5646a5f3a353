namespace Simmer.FleetTests.Hosts;

/// <summary>A job with a large result.</summary>
public sealed record Weigh(int Number) : IJob<string>;
