namespace Simmer.CrashTests.Worker;

/// <summary>Measured: how long it waits.</summary>
/// <param name="Number">Which one it is.</param>
[Job("light", Queue = "light")]
public sealed record Light(int Number) : IJob;

/// <summary>Does nothing, and there are very many of them.</summary>
[Job("heavy", Queue = "heavy")]
public sealed record Heavy : IJob;
