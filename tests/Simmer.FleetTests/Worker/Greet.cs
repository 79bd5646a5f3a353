using System.Text.Json.Serialization;

namespace Simmer.FleetTests.Worker;

/// <summary>A job as version 1 of the application knows it.</summary>
[Job("greet")]
public sealed record Greet(string Name) : IJob;

/// <summary>The same kind in version 2, which has renamed the property; on the wire it keeps its name, so that either version reads what
/// the other stored.</summary>
[Job("greet")]
public sealed record GreetByFullName([property: JsonPropertyName("name")] string FullName) : IJob;

/// <summary>Another job of version 1. Version 2 keeps it as an older shape.</summary>
[Job("meet")]
public sealed record Meet(string Who) : IJob;

/// <summary>The job in version 2, which has renamed the property: a kind of its own, which version 1 does not run, and an upcaster from the
/// older kind.</summary>
[Job("meet.v2")]
public sealed record MeetByFullName(string FullName) : IJob;

/// <summary>A kind that only version 2 knows.</summary>
[Job("gift")]
public sealed record Gift(string What) : IJob;
