namespace Simmer.Storage.Decisions;

/// <summary>Whether the steps that a step adds find a place in its workflow, and which. Nothing is added to a workflow that was cancelled;
/// and a step for whose children there is no place fails, or those after it would run without them.</summary>
/// <param name="Refusal">Why the step that adds them fails; <see langword="null"/>: it does not.</param>
/// <param name="First">The number of the first one that is added.</param>
/// <param name="Count">How many are added; 0: none.</param>
internal readonly record struct AddDecision(string? Refusal, int First, int Count)
{
    /// <summary>Decides by the workflow's row. If steps are to be added, the store looks whether other jobs have their ids, and asks
    /// <see cref="Taken"/> if so.</summary>
    /// <param name="present">How many steps the workflow has.</param>
    /// <param name="count">How many are to be added.</param>
    /// <param name="cancelRequested">Whether the workflow was cancelled.</param>
    /// <returns>The decision.</returns>
    public static AddDecision For(int present, int count, bool cancelRequested) =>
        StoreRules.WhyTooMany(present, count) is { } why ? new AddDecision(why, 0, 0)
        : cancelRequested ? default
        : new AddDecision(null, present + 1, count);

    /// <summary>A job that is no step has the id of one of those that were to be added.</summary>
    /// <param name="id">The id.</param>
    /// <param name="kind">The kind of that job.</param>
    /// <returns>The decision.</returns>
    public static AddDecision Taken(JobId id, string kind) => new(StoreRules.WhyStepTaken(id, kind), 0, 0);
}
