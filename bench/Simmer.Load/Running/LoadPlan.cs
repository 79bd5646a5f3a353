using Simmer.Load.Scenarios;

namespace Simmer.Load.Running;

/// <summary>What is measured, for how long and how often.</summary>
internal sealed record LoadPlan(IReadOnlyList<Setting> Settings)
{
    public int[] Callers { get; private init; } = [1, 8, 64];

    public int Rounds { get; private init; } = 5;

    public TimeSpan Round { get; private init; } = TimeSpan.FromSeconds(1);

    public int[] Drains { get; private init; } = [Drain.Few, Drain.Some];

    public int[] Workflows { get; private init; } = [LargeWorkflow.Few, LargeWorkflow.Some, LargeWorkflow.Many];

    public int IdleJobs { get; private init; } = 100;

    public TimeSpan Rest { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many jobs wait, and how many have finished, where tables are full.</summary>
    public int Ready { get; private init; } = 100_000;

    public int Finished { get; private init; } = 500_000;

    /// <summary>How many stretches of so many jobs each a snapshot is held for.</summary>
    public int Stretches { get; private init; } = 10;

    public int Stretch { get; private init; } = 20_000;

    /// <summary>How often something is killed.</summary>
    public int Failures { get; private init; } = 1;

    public static LoadPlan Make(bool quick, bool all, string[] stores) => all
        ? new(Choose(stores, _ => true))
        {
            Callers = [1, 8, 64, 256],
            Rounds = 3,
            Round = TimeSpan.FromSeconds(0.75),
            Drains = [Drain.Few, Drain.Some, Drain.Many],
            IdleJobs = 150,
            Rest = TimeSpan.FromSeconds(60),
            Ready = 1_000_000,
            Finished = 5_000_000,
            Failures = 3,
        }
        : quick
        ? new(Choose(stores, KeepsOnlyFull))
        {
            Callers = [1, 64],
            Rounds = 3,
            Round = TimeSpan.FromSeconds(0.25),
            Drains = [Drain.Few],
            Workflows = [LargeWorkflow.Few, LargeWorkflow.Some],
            IdleJobs = 50,
            Rest = TimeSpan.FromSeconds(5),
            Ready = 20_000,
            Finished = 100_000,
            Stretch = 2_000,
        }
        : new(Choose(stores, KeepsOnlyFull));

    private static bool KeepsOnlyFull(Setting setting) => !setting.Keep || setting.Store is StoreChoice.Full or StoreChoice.Postgres;

    // PostgreSQL only where it is asked for: not every machine has a server.
    private static List<Setting> Choose(string[] stores, Func<Setting, bool> wanted) =>
    [
        .. from store in Enum.GetValues<StoreChoice>()
           where stores.Length == 0 ? store != StoreChoice.Postgres : stores.Contains(store.ToString(), StringComparer.OrdinalIgnoreCase)
           from keep in new[] { false, true }
           let setting = new Setting(store, keep)
           where wanted(setting)
           select setting,
    ];
}
