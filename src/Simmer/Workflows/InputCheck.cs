using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>Checks, before a workflow is stored, whether every step will be given the results that its handler takes, as far as this
/// process can know.</summary>
internal sealed class InputCheck(IReadOnlyList<Node> nodes)
{
    // The members of a group wait for the same steps, so the answer for one of them is remembered for the others.
    private readonly Dictionary<(StepNumbers Parents, Entry Entry, StepInput Input), string?> _known = [];

    public void Check()
    {
        foreach (var node in nodes)
        {
            foreach (var input in node.Kind.Inputs)
            {
                var key = (node.Parents, node.Entry, input);
                if (!_known.TryGetValue(key, out var problem))
                {
                    _known.Add(key, problem = WhyNot(node, input));
                }

                if (problem is not null)
                {
                    throw new ArgumentException($"Step '{node.Name}' ({node.Kind.Name}): its handler takes {input}, {problem}", "workflow");
                }
            }
        }
    }

    private string? WhyNot(Node node, StepInput input)
    {
        var isEmpty = input.IsList && node.Entry.Resolved.EmptyOf.Any(t => input.Result.Type.IsAssignableFrom(t));
        var seen = new HashSet<int>();
        var level = new List<int>(node.Parents.Where(seen.Add));
        if (level.Count == 0 && !isEmpty)
        {
            return "but it comes after no step that could give one.";
        }

        while (level.Count > 0 && !isEmpty)
        {
            var givers = level.Where(n => input.IsGivenBy(nodes[n - 1].Kind) || input.MayBeAddedBy(nodes[n - 1].Kind)).Take(2).ToList();
            if (givers.Count == 2 && !input.IsList)
            {
                return $"and '{nodes[givers[0] - 1].Name}' and '{nodes[givers[1] - 1].Name}' give one at the same distance. Ask for it "
                    + $"by the step's name: await context.ResultAsync<{input.Result.Type.Name}>(\"{nodes[givers[0] - 1].Name}\").";
            }

            if (givers.Count > 0)
            {
                return null;
            }

            level = [.. level.SelectMany(n => nodes[n - 1].Parents).Where(seen.Add)];
        }

        return isEmpty ? null

                : input.IsList
                ? $"which no step before it gives. If a step adds such steps at run time, say so on its job: [Job(Adds = "
                    + $"typeof({input.Result.Type.Name}))]."
            : $"which no step before it gives: make one of their jobs an IJob<{input.Result.Type.Name}>.";
    }
}
