namespace Simmer.Tests.Workflows;

/// <summary>A step that does what its test wants; see <see cref="Play"/>.</summary>
[Job(MaxAttempts = 1)]
public sealed record Do(string What) : IJob
{
    /// <summary>Whether it runs until the test lets it end.</summary>
    public bool Waits { get; init; }

    public string? Fails { get; init; }

    public string? Cancels { get; init; }

    public string? Branch { get; init; }
}

public sealed record Pay(string Order) : IJob<Engine.Receipt>;

/// <summary>Takes the receipt.</summary>
public sealed record Ship : IJob;

/// <summary>Undoes <see cref="Pay"/>; takes the receipt.</summary>
public sealed record Refund : IJob;

public sealed record Share(int Number);

public sealed record Measure(int Number, bool Waits = false) : IJob<Share>;

public sealed record Total(int Sum);

/// <summary>Takes the shares, and gives their sum.</summary>
public sealed record AddUp : IJob<Total>;

/// <summary>Takes the sum.</summary>
public sealed record Tell : IJob;

/// <summary>Asks its context for the shares, and notes them.</summary>
public sealed record AskAll : IJob;

/// <summary>Adds a <see cref="Measure"/> for each of so many.</summary>
[Job(Adds = typeof(Share), MaxAttempts = 2)]
public sealed record Split(int Count) : IJob;

/// <summary>A step whose handler is the test's own.</summary>
[Job(MaxAttempts = 2)]
public sealed record Custom(string What) : IJob;
