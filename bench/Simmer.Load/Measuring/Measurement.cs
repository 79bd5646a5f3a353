using Simmer.Load.Running;

namespace Simmer.Load.Measuring;

/// <summary>One line of the report.</summary>
internal sealed record Measurement(Topic Topic, string Scenario, Setting Setting, Shape Shape)
{
    public IReadOnlyDictionary<Figure, double> Figures { get; private init; } = new Dictionary<Figure, double>();

    /// <summary>Null: this scenario does not measure it.</summary>
    public double? this[Figure figure] => Figures.TryGetValue(figure, out var value) ? value : null;

    public Measurement With(Figure figure, double? value) => value is { } number && double.IsFinite(number)
        ? this with { Figures = new Dictionary<Figure, double>(Figures) { [figure] = number } }
        : this;

    public Measurement Only(params Figure[] figures) => this with { Figures = Figures.Where(f => figures.Contains(f.Key)).ToDictionary() };

    /// <summary>The median of several rounds of the same line, figure by figure.</summary>
    public static Measurement Median(IReadOnlyList<Measurement> rounds)
    {
        var median = rounds[0] with
        {
            Figures = rounds.SelectMany(static r => r.Figures).GroupBy(static f => f.Key)
                .ToDictionary(static f => f.Key, static f => Middle(f.Select(static v => v.Value))),
        };
        Figure[] leading = [Figure.AllSeconds, Figure.JobsPerSecond, Figure.StartP50, Figure.ChainP50];
        var by = leading.FirstOrDefault(f => rounds[0][f] is not null);
        return median.With(Figure.Spread, rounds.Count > 1 ? rounds.Max(r => r[by]) / rounds.Min(r => r[by]) : null);
    }

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
