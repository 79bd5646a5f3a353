using System.Text.Json.Serialization;

namespace Simmer.FleetTests.Worker;

/// <summary>A job as version 1 of the application knows it.</summary>
[Job("greet")]
public sealed record Greet(string Name) : IJob;

/// <summary>The same kind in version 2, which has renamed the property; on the wire it keeps its name, so that either version reads what the other stored.</summary>
[Job("greet")]
public sealed record GreetByFullName([property: JsonPropertyName("name")] string FullName) : IJob;

/// <summary>A kind that only version 2 knows.</summary>
[Job("gift")]
public sealed record Gift(string What) : IJob;
