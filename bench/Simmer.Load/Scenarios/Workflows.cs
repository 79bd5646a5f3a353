using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>The cost of jobs that wait for one another. Both sides keep what has succeeded, because the steps of a workflow stay until all
/// of it is deleted, whatever their queue says.</summary>
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

    /// <summary>Runs several rounds of several lines. The first one does not count: until then the rig has run only independent jobs, and
    /// the code of workflows is not compiled.</summary>
    public static Task RoundsAsync(Stage stage, int processes, Func<Rig, Task<IReadOnlyList<Measurement>>> measure) =>
        stage.RoundsAsync(processes, stage.Plan.Rounds + 1, async (rig, round) =>
        {
            var lines = await measure(rig);
            return round == 0 ? [] : lines;
        });
}
