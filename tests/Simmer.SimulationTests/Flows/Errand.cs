namespace Simmer.SimulationTests.Flows;

/// <summary>The job of a step that takes nothing; what its runs do stands in the plan of its workflow.</summary>
public sealed record Errand(int Flow, int Place) : IJob<Parcel>;

/// <summary>The job of a step that takes what the one before it gave.</summary>
public sealed record Carry(int Flow, int Place) : IJob<Parcel>;

/// <summary>The job of a step that takes what all those before it gave.</summary>
public sealed record Gather(int Flow, int Place) : IJob<Parcel>;

/// <summary>The result of a step: which step it comes from, and which run.</summary>
public sealed record Parcel(int Place, int Run);
