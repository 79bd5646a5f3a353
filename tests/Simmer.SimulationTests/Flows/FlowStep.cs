using Simmer.SimulationTests.Audit;

namespace Simmer.SimulationTests.Flows;

/// <summary>A step as it was planned, and as it was last seen in the store.</summary>
internal sealed class FlowStep(FlowPlan flow, int place, Story story)
{
    public FlowPlan Flow => flow;

    /// <summary>Its place in the plan, which its job bears.</summary>
    public int Place => place;

    public Story Story => story;

    public StepRole Role { get; init; }

    public StepRule Rule { get; init; }

    public Takes Takes { get; init; }

    public IReadOnlyList<Before> Parents { get; init; } = [];

    /// <summary>The branch that it returns when it succeeds.</summary>
    public string? Branch { get; set; }

    public EnqueueOptions? Options { get; init; }

    /// <summary>What an undo step undoes.</summary>
    public FlowStep? Target { get; init; }

    /// <summary>The part of the workflow whose failure or end it is for.</summary>
    public FlowScope? Scope { get; init; }

    /// <summary>The step that adds it at run time.</summary>
    public FlowStep? AddedBy { get; init; }

    public FlowStep? Undo { get; set; }

    /// <summary>What it adds when it runs.</summary>
    public List<FlowStep> Adds { get; } = [];

    /// <summary>Its number in the store; 0: it is not stored.</summary>
    public int Number { get; set; }

    public JobState Seen { get; set; }

    public int SeenRun { get; set; }

    /// <summary>An operator cancelled it before it was decided.</summary>
    public bool CancelledWaiting { get; set; }

    public bool IsThere => Number > 0;

    public string Label => $"s{place}";

    public IJob Job => Takes switch
    {
        Takes.Nearest => new Carry(flow.Number, place),
        Takes.All => new Gather(flow.Number, place),
        _ => new Errand(flow.Number, place),
    };

    /// <summary>What was planned, in few words.</summary>
    public string Plan =>
        $"{place} {Role} "
            + $"{Rule}{Words(" after", Parents.Select(static b => b.Labels.Count == 0
                ? $"{b.Step.Place}"
                : $"{b.Step.Place}={b.Labels[0]}"))}"
        + $"{Words(" says", Branch is null ? [] : [Branch])}"
            + $"{Words(" adds", Adds.Select(static s => $"{s.Place}"))}{(Target is null ? null : $" of {Target.Place}")}"
        + Words(" in", (Scope?.Steps ?? []).Select(static s => $"{s.Place}"));

    public override string ToString() => $"#{story.Name} (place {place}, {Role} {Rule})";

    private static string? Words(string first, IEnumerable<string> words) =>
        string.Join(' ', words) is { Length: > 0 } text ? $"{first} {text}" : null;
}

/// <summary>A step that another waits for, and the branches for which that counts.</summary>
internal readonly record struct Before(FlowStep Step, IReadOnlyList<string> Labels);

/// <summary>What a step takes from those before it.</summary>
internal enum Takes
{
    Nothing,
    Nearest,
    All,
}

/// <summary>A part of a workflow that may have a step for its failure and one for its end.</summary>
internal sealed class FlowScope
{
    public List<FlowStep> Steps { get; } = [];

    public FlowStep? OnFailure { get; set; }

    public FlowStep? Finally { get; set; }
}
