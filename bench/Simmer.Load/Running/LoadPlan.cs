using Simmer.Load.Scenarios;

namespace Simmer.Load.Running;

/// <summary>What is measured, for how long and how often.</summary>
internal sealed record LoadPlan(IReadOnlyList<Setting> Settings, int[] Callers, int Rounds, TimeSpan Round, int[] Drains, int[] Workflows, int IdleJobs, TimeSpan Rest)
{
    public static LoadPlan Make(bool quick, bool all, string[] stores) => all
        ? new(Choose(stores, _ => true), [1, 8, 64, 256], 3, TimeSpan.FromSeconds(0.75), [Drain.Few, Drain.Some, Drain.Many], [LargeWorkflow.Few, LargeWorkflow.Some, LargeWorkflow.Many], 150, TimeSpan.FromSeconds(60))
        : quick
        ? new(Choose(stores, KeepsOnlyFull), [1, 64], 3, TimeSpan.FromSeconds(0.25), [Drain.Few], [LargeWorkflow.Few, LargeWorkflow.Some], 50, TimeSpan.FromSeconds(5))
        : new(Choose(stores, KeepsOnlyFull), [1, 8, 64], 5, TimeSpan.FromSeconds(1), [Drain.Few, Drain.Some], [LargeWorkflow.Few, LargeWorkflow.Some, LargeWorkflow.Many], 100, TimeSpan.FromSeconds(20));

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
