namespace Simmer.Jobs;

/// <summary>A parameter of a handler that takes the result of an earlier step.</summary>
/// <param name="Result">The adapter for the type of one result.</param>
/// <param name="IsList">Whether it takes a list of results, those of a group.</param>
internal sealed record StepInput(ResultAdapter Result, bool IsList)
{
    public override string ToString() => IsList ? $"an IReadOnlyList<{Result.Type.Name}>" : TypeNames.An(Result.Type);

    public bool IsGivenBy(JobKind? kind) => kind?.Result is { } result && Result.Type.IsAssignableFrom(result.Type);

    /// <summary>Whether steps that a step of this kind adds at run time may give it.</summary>
    public bool MayBeAddedBy(JobKind? kind) => IsList && kind?.Adds is { } added && Result.Type.IsAssignableFrom(added);
}
