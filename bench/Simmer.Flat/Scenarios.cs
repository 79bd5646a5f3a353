namespace Simmer.Flat;

/// <summary>What is run.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("in memory, keeps nothing", 5_000_000, static () => JobGround.StartAsync(sqlite: false, TimeSpan.Zero)),
        new("in memory, default retention", 5_000_000, static () => JobGround.StartAsync(sqlite: false, TimeSpan.FromDays(1))),
        new("SQLite FULL, keeps nothing", 1_000_000, static () => JobGround.StartAsync(sqlite: true, TimeSpan.Zero)),
        new("SQLite FULL, keeps 1 day", 1_000_000, static () => JobGround.StartAsync(sqlite: true, TimeSpan.FromDays(1))),
        new("HTTP, a task after each response", 1_000_000, RequestGround.StartAsync),
    ];
}
