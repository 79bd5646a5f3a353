using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A workflow about to be stored, whole or not at all. Immutable.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class WorkflowDraft
{
    /// <summary>The id.</summary>
    public required WorkflowId Id { get; init; }

    /// <summary>Whether the caller chose the id. Then the store looks for it first.</summary>
    public bool IdGiven { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>The jobs of its steps, number 1 first; the id of each is <see cref="WorkflowId.Step"/> of its number, and each has a
    /// <see cref="JobDraft.Step"/>.</summary>
    public required IReadOnlyList<JobDraft> Steps { get; init; }

    /// <summary>Its gates.</summary>
    public IReadOnlyList<GateDraft> Gates { get; init; } = [];

    /// <summary>How many links lead to its end; 0: it has no steps, and so has succeeded.</summary>
    public required int Pending { get; init; }

    /// <summary>How long it is kept, with all its steps, after it succeeded.</summary>
    public TimeSpan KeepSucceeded { get; init; }

    /// <summary>How long it is kept, with all its steps, after it failed or was cancelled.</summary>
    public TimeSpan KeepFailed { get; init; }
}
