namespace Simmer.Workflows;

/// <summary>Sorts steps so that each comes after those it waits for. Throws for a circle.</summary>
internal static class StepOrder
{
    /// <summary>The steps in the order in which they were added, but each after its parents.</summary>
    /// <exception cref="ArgumentException">Steps wait for one another in a circle.</exception>
    public static List<Step> ParentsFirst(IReadOnlyList<Step> steps)
    {
        var sorted = new List<Step>(steps.Count);
        var done = new Dictionary<Step, bool>(steps.Count);

        // A stack of its own in place of recursion, because a chain of a hundred thousand steps would overflow that of the thread.
        var path = new Stack<(Step Step, int Next)>();
        foreach (var step in steps)
        {
            Open(step);
            while (path.TryPop(out var top))
            {
                if (top.Next < top.Step.Parents.Count)
                {
                    path.Push(top with { Next = top.Next + 1 });
                    Open(top.Step.Parents[top.Next].Parent);
                }
                else
                {
                    done[top.Step] = true;
                    sorted.Add(top.Step);
                }
            }
        }

        return sorted;

        void Open(Step step)
        {
            if (done.TryAdd(step, false))
            {
                path.Push((step, 0));
            }
            else if (!done[step])
            {
                throw new ArgumentException($"The steps wait for one another in a circle: {Circle(path, step)}. Take one of these out.",
                    "workflow");
            }
        }
    }

    private static string Circle(Stack<(Step Step, int Next)> path, Step step)
    {
        var names = path.Select(static p => p.Step).TakeWhile(s => s != step).Select(static s => s.Name).Append(step.Name);

        // The names from the step that comes first to the one that waits for it.
        return string.Join(" → ", names.Prepend(step.Name));
    }
}
