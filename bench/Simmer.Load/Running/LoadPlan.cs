namespace Simmer.Load.Running;

/// <summary>What is measured, for how long and how often.</summary>
internal sealed record LoadPlan(IReadOnlyList<(StoreChoice Store, bool Keep)> Stores, IReadOnlyList<string> Scenarios, int[] Callers, int Rounds, TimeSpan Round, int Drain)
{
    private static readonly string[] s_scenarios = ["bulk", "calls", "idle", "drain"];

    public static LoadPlan Make(bool quick, bool all, string[] stores, string[] scenarios)
    {
        var choices = new List<(StoreChoice, bool)>();
        foreach (var store in Enum.GetValues<StoreChoice>())
        {
            if (stores.Length > 0 && !stores.Contains(store.ToString(), StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            choices.Add((store, false));
            if (all || store == StoreChoice.Full)
            {
                choices.Add((store, true));
            }
        }

        return new LoadPlan(
            choices,
            scenarios.Length > 0 ? scenarios : s_scenarios,
            all ? [1, 8, 64, 256] : quick ? [1, 64] : [1, 8, 64],
            quick ? 3 : 5,
            TimeSpan.FromSeconds(quick ? 0.5 : 1.5),
            quick ? 20_000 : 100_000);
    }
}
