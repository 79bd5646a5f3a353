namespace Simmer.Jobs;

/// <summary>The steps that a running step adds to its workflow.</summary>
internal interface IAddedSteps
{
    /// <summary>Adds a step.</summary>
    /// <typeparam name="TStep">The step's type.</typeparam>
    /// <param name="make">Makes the step of its full name and its element.</param>
    /// <param name="job">What the step does.</param>
    /// <param name="name">Its own name; null: its kind and a number.</param>
    /// <param name="options">How to enqueue it.</param>
    TStep Add<TStep>(Func<string, object, TStep> make, IJob job, string? name, EnqueueOptions? options)
        where TStep : Step;
}
