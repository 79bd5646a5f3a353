namespace Simmer.FleetTests.Hosts;

/// <summary>A job whose handler is the test's own.</summary>
[Job(MaxAttempts = 3)]
public sealed record Pay(int Order) : IJob;
