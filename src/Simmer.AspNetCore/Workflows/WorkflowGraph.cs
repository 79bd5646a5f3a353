using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Workflows;

/// <summary>Makes the edges of a workflow as people draw it: from step to step, without the gates between them.</summary>
/// <remarks>OnFailure and Finally steps wait for everything else, so no edges are drawn to them: there would be one from every step. An
/// undo step has one from the step that it undoes.</remarks>
internal static class WorkflowGraph
{
    /// <summary>The edges in the order of the steps that they begin at; null if there are more than <paramref name="limit"/>. Two groups of
    /// 500 in a row have 250,000.</summary>
    public static IReadOnlyList<EdgeView>? Edges(IReadOnlyList<StepRecord> steps, int limit)
    {
        var leaving = steps.ToDictionary(static s => s.Number, static _ => new List<EdgeView>());
        var room = limit;
        return DrawParents(steps, leaving, ref room) && DrawAdded(steps, leaving, ref room)
            ? [.. steps.SelectMany(s => leaving[s.Number])]
            : null;
    }

    private static bool DrawParents(IReadOnlyList<StepRecord> steps, Dictionary<int, List<EdgeView>> leaving, ref int room)
    {
        var branchesOf = steps.ToDictionary(static s => s.Number, static s => s.Branches);
        foreach (var step in steps.Where(static s => s.Role is StepRole.Step or StepRole.Undo))
        {
            if ((room -= step.Parents.Count) < 0)
            {
                return false;
            }

            foreach (var parent in step.Parents)
            {
                leaving[parent].Add(new EdgeView(parent, step.Number, branchesOf[parent].GetValueOrDefault(step.Number)));
            }
        }

        return true;
    }

    /// <summary>A step that waits for another one also waits for the steps that this one added at run time. Added steps have higher numbers
    /// than the step that added them, so one pass in the order of the numbers finds those that they added in turn.</summary>
    private static bool DrawAdded(IReadOnlyList<StepRecord> steps, Dictionary<int, List<EdgeView>> leaving, ref int room)
    {
        var roles = steps.ToDictionary(static s => s.Number, static s => s.Role);
        foreach (var adder in steps.Where(static s => s.Added > 0))
        {
            var waiting = leaving[adder.Number].FindAll(e =>
                !(e.To >= adder.FirstAdded && e.To < adder.FirstAdded + adder.Added)
                && roles[e.To] == StepRole.Step
                && (e.Labels is null || (adder.Branch is { } branch && e.Labels.Contains(branch))));
            for (var added = adder.FirstAdded; added < adder.FirstAdded + adder.Added; added++)
            {
                if ((room -= waiting.Count) < 0)
                {
                    return false;
                }

                leaving[added].AddRange(waiting.Select(e => new EdgeView(added, e.To, null)));
            }
        }

        return true;
    }
}
