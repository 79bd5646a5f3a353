namespace Simmer;

/// <summary>Simmer cannot start as it is set up. The message lists everything that is wrong at once.</summary>
public sealed class SimmerSetupException : Exception
{
    internal SimmerSetupException(IReadOnlyList<string> problems)
        : base(Text(problems)) => Problems = problems;

    /// <summary>What is wrong, a sentence or two each.</summary>
    public IReadOnlyList<string> Problems { get; }

    private static string Text(IReadOnlyList<string> problems) => problems.Count == 1
        ? "Simmer cannot start: " + problems[0]
        : $"Simmer cannot start, {problems.Count} things are "
            + $"wrong:{string.Concat(problems.Select(static p => Environment.NewLine + "  - " + p))}";
}
