namespace Simmer.Jobs;

/// <summary>The steps that a running step adds to its workflow.</summary>
internal interface IAddedSteps
{
    /// <summary>Adds a step.</summary>
    /// <typeparam name="TStep">The step's type.</typeparam>
    /// <param name="make">Makes the step of its full name and its element.</param>
    /// <param name="name">The step's own name; null: its kind and a number.</param>
    /// <param name="job">What it does.</param>
    /// <param name="options">How to enqueue it.</param>
    TStep Add<TStep>(Func<string, object, TStep> make, string? name, IJob job, EnqueueOptions? options)
        where TStep : Step;
}
