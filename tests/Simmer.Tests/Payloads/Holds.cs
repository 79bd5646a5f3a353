namespace Simmer.Tests.Payloads;

/// <summary>A job that holds a value of any type, and gives it back as its result.</summary>
[Job("holds")]
public sealed record Holds<T>(T Value) : IJob<Held<T>>;

public sealed record Held<T>(T Value);
