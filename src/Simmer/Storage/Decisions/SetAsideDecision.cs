namespace Simmer.Storage.Decisions;

/// <summary>How long a row that cannot be read or claimed is left alone. It must not hold up its neighbours; and a deploy may bring the
/// code that reads it.</summary>
internal static class SetAsideDecision
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(30);

    /// <summary>The first rest.</summary>
    /// <value>10 seconds.</value>
    public static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(10);

    /// <summary>The rest after so many tries: twice as long each time.</summary>
    /// <param name="tries">How often it was tried, this time included; less than 1 counts as 1.</param>
    /// <returns>At least <see cref="FirstRest"/>, at most 30 minutes.</returns>
    public static TimeSpan RestAfter(long tries) =>
        TimeSpan.FromSeconds(Math.Min(s_longest.TotalSeconds, FirstRest.TotalSeconds * Math.Pow(2, Math.Clamp(tries - 1, 0, 20))));
}
