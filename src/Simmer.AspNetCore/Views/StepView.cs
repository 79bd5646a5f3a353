using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>A step as clients see it; what is not known is left out.</summary>
internal sealed record StepView
{
    public required int Number { get; init; }

    public required string Name { get; init; }

    /// <summary>The id of its job.</summary>
    public required string Job { get; init; }

    public required string Kind { get; init; }

    [JsonConverter(typeof(JobStateConverter))]
    public required JobState State { get; init; }

    /// <summary>The rule, if it is not the default.</summary>
    [JsonConverter(typeof(StepRuleConverter))]
    public StepRule? Rule { get; init; }

    /// <summary>The role, if it is no ordinary step.</summary>
    [JsonConverter(typeof(StepRoleConverter))]
    public StepRole? Role { get; init; }

    public ProgressView? Progress { get; init; }

    public int Attempt { get; init; }

    public int MaxAttempts { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How many seconds its last run took.</summary>
    public double? Elapsed { get; init; }

    /// <summary>The branch that its handler returned.</summary>
    public string? Branch { get; init; }

    public string? Reason { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    public ProblemView? Problem { get; init; }

    public required StepLinksView Links { get; init; }
}

/// <summary>The links of a step.</summary>
/// <param name="Status">The status of its job.</param>
internal sealed record StepLinksView(string Status);

/// <summary>An edge of the graph: one step waits for another.</summary>
/// <param name="From">The number of the step that is waited for.</param>
/// <param name="To">The number of the step that waits.</param>
/// <param name="Labels">The branches for which it waits; none: for any.</param>
internal sealed record EdgeView(int From, int To, IReadOnlyList<string>? Labels);
