namespace Simmer.Jobs;

/// <summary>The results of the steps before a running step.</summary>
internal interface IStepResults
{
    /// <summary>The result, or the list of results, of the nearest steps before it that give one.</summary>
    ValueTask<object> TakeAsync(StepInput input);

    /// <summary>The result of the step of a name; null: it gave none, and none is required.</summary>
    ValueTask<object?> NamedAsync(StepInput input, string name, bool required);
}
