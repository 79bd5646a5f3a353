namespace Peers.Measuring;

/// <summary>What one contestant has reached, over all rounds.</summary>
internal sealed class Score
{
    private readonly Dictionary<Rate, List<double>> _rates = [];
    private readonly Dictionary<Wait, List<double>> _waits = [];

    /// <summary>Why it did not finish a round; null: it did.</summary>
    public string? Failure { get; set; }

    public SortedDictionary<string, string> Versions { get; } = new(StringComparer.Ordinal);

    public void Add(Rate rate, double perSecond) => ListOf(_rates, rate).Add(perSecond);

    public void Add(Wait wait, IEnumerable<double> microseconds) => ListOf(_waits, wait).AddRange(microseconds);

    /// <summary>The median of the rounds; null if it was not measured.</summary>
    public double? this[Rate rate] => _rates.TryGetValue(rate, out var rounds) ? At(rounds, 0.5) : null;

    /// <summary>The fastest round of the drain (or else of the enqueue) over the slowest: how far to trust the line.</summary>
    public double? Spread =>
        (_rates.GetValueOrDefault(Rate.Drain) ?? _rates.GetValueOrDefault(Rate.Enqueue)) is { Count: > 1 } rounds
            ? rounds.Max() / rounds.Min()
            : null;

    /// <summary>A percentile of the waits of all rounds together, in milliseconds.</summary>
    public double? Milliseconds(Wait wait, double share) => _waits.TryGetValue(wait, out var all) ? At(all, share) / 1000 : null;

    private static List<double> ListOf<TKey>(Dictionary<TKey, List<double>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
        }

        return list;
    }

    private static double At(List<double> values, double share) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * share)));
}
