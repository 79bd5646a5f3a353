namespace Simmer.FleetTests.Hosts;

/// <summary>A job whose handler notes that it was here.</summary>
public sealed record Note(string What) : IJob;
