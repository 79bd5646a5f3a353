using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>What it costs that jobs wait for one another. Kept on both sides: the steps of a workflow stay until it goes, whatever their
/// queue says.</summary>
internal static class Workflows
{
    public static async Task RunAsync(Stage stage)
    {
        // Once a store, whichever retentions the plan has.
        if (stage.Setting.Keep || stage.Setting.Store == StoreChoice.Normal)
        {
            return;
        }

        var kept = stage.Keeping;
        await Chains.RunAsync(kept);
        await FanOut.RunAsync(kept);
        await LargeWorkflow.RunAsync(kept);
        await Handover.RunAsync(kept);
    }

    /// <summary>Several rounds of several lines. A rig has only run jobs that stand alone: the round that compiles the rest does not
    /// count.</summary>
    public static Task RoundsAsync(Stage stage, int processes, Func<Rig, Task<IReadOnlyList<Measurement>>> measure) =>
        stage.RoundsAsync(processes, stage.Plan.Rounds + 1, async (rig, round) =>
        {
            var lines = await measure(rig);
            return round == 0 ? [] : lines;
        });
}
