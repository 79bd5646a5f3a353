namespace Simmer.Workflows;

/// <summary>Puts steps behind those they wait for, and refuses a circle.</summary>
internal static class StepOrder
{
    /// <summary>The steps in the order in which they were added, but each after its parents.</summary>
    /// <exception cref="ArgumentException">Steps wait for one another in a circle.</exception>
    public static List<Step> ParentsFirst(IReadOnlyList<Step> steps)
    {
        var sorted = new List<Step>(steps.Count);
        var done = new Dictionary<Step, bool>(steps.Count);

        // By hand and not by recursion: a line of a hundred thousand steps is no reason to overflow the stack.
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

        // From the one that comes first to the one that waits for it.
        return string.Join(" → ", names.Prepend(step.Name));
    }
}
