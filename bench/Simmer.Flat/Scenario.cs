namespace Simmer.Flat;

/// <summary>Much of the same work.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Total">How much of it.</param>
/// <param name="StartAsync">Makes the ground it runs on.</param>
internal sealed record Scenario(string Name, int Total, Func<Task<IGround>> StartAsync);

/// <summary>What a scenario runs on.</summary>
internal interface IGround : IAsyncDisposable
{
    /// <summary>Does so many, to the end of the last one.</summary>
    Task DoAsync(int count);
}
