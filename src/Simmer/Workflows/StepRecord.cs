using Simmer.Storage;

namespace Simmer;

/// <summary>A step of a workflow as the store has it: a snapshot for looking, never for deciding.</summary>
public sealed record StepRecord
{
    /// <summary>The workflow it belongs to.</summary>
    public required WorkflowId Workflow { get; init; }

    /// <summary>Its number in the workflow, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its name, with the names of what it is in before it, as in <c>convert/720p</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its job.</summary>
    public required JobRecord Job { get; init; }

    /// <summary>What must become of its parents for it to run.</summary>
    public StepRule Rule { get; init; }

    /// <summary>Whether it is an ordinary step, undoes one, or comes last.</summary>
    public StepRole Role { get; init; }

    /// <summary>The numbers of the steps it waits for; of an undo step: the step it undoes.</summary>
    public IReadOnlyCollection<int> Parents { get; init; } = [];

    /// <summary>The branches for which it leads on, by the numbers of the steps that wait for them. A step that waits for it and is not
    /// named here does so whichever branch it takes.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> Branches { get; init; } = new Dictionary<int, IReadOnlyList<string>>();

    /// <summary>The branch that its handler returned; <see langword="null"/>: none (yet).</summary>
    public string? Branch { get; init; }

    /// <summary>The number of the first step it added at run time; 0: none.</summary>
    public int FirstAdded { get; init; }

    /// <summary>How many steps it added at run time.</summary>
    public int Added { get; init; }

    internal static StepRecord Of(StepSnapshot stored) => new()
    {
        Workflow = stored.Step.Workflow,
        Number = stored.Step.Number,
        Name = stored.Step.Name,
        Job = stored.Job,
        Rule = stored.Step.Rule,
        Role = stored.Step.Role,
        Parents = stored.Step.Parents,
        Branches = BranchesOf(stored.Step),
        Branch = stored.Branch,
        FirstAdded = stored.FirstAdded,
        Added = stored.Added,
    };

    // A link for branches goes from step to step, never through a gate.
    private static Dictionary<int, IReadOnlyList<string>> BranchesOf(StepDraft step)
    {
        var branches = new Dictionary<int, IReadOnlyList<string>>();
        foreach (var link in step.Next.Where(static l => l.Labels.Count > 0))
        {
            foreach (var to in link.To)
            {
                branches[to] = branches.TryGetValue(to, out var others) ? [.. others.Union(link.Labels)] : link.Labels;
            }
        }

        return branches;
    }
}
