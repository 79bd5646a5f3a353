using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>A workflow as clients see it; what is not known is left out.</summary>
internal sealed record WorkflowView
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    [JsonConverter(typeof(WorkflowStateConverter))]
    public required WorkflowState State { get; init; }

    public long? Version { get; init; }

    /// <summary>From 0 to 1.</summary>
    public double? Progress { get; init; }

    /// <summary>How many steps are in each state that occurs.</summary>
    public IReadOnlyDictionary<string, int>? Counts { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public bool? CancelRequested { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether the steps are left out because there are too many.</summary>
    public bool? StepsOmitted { get; init; }

    /// <summary>Whether the edges are left out because there are too many.</summary>
    public bool? EdgesOmitted { get; init; }

    public IReadOnlyList<StepView>? Steps { get; init; }

    public IReadOnlyList<EdgeView>? Edges { get; init; }

    /// <summary>The result of a chain whose last job has one, if the client has waited for it.</summary>
    public RawJson? Result { get; init; }

    /// <summary>Whether nothing was enqueued, because this workflow was there before.</summary>
    public bool? Duplicate { get; init; }

    public required WorkflowLinksView Links { get; init; }
}

/// <summary>The links of a workflow.</summary>
internal sealed record WorkflowLinksView(string Status, string Events, string Cancel);
