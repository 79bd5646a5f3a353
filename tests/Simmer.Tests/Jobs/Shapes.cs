namespace Simmer.Tests.Jobs;

public sealed record Plain(string Text) : IJob;

public sealed record Priced(int Cents) : IJob<Price>;

public sealed record Price(int Cents);

public sealed record HTMLReport : IJob;

[Job("old-name")]
public sealed record RenamedSince : IJob;

/// <summary>Services told apart by their type.</summary>
public sealed class One
{
    public string Name => "one";
}

public sealed class Two
{
    public string Name => "two";
}

public sealed class Three
{
    public string Name => "three";
}

public sealed class Four
{
    public string Name => "four";
}
