using Simmer.Load.Measuring;

namespace Simmer.Load.Reporting;

/// <summary>The design's budget for the stores that were measured.</summary>
internal static class Budget
{
    public static IReadOnlyList<BudgetLine> Of(IReadOnlyList<Measurement> lines)
    {
        var measured = new Measured(lines);
        var settings = lines.Select(static l => l.Setting).ToList();
        return
        [
            .. settings.Exists(static s => !s.IsPostgres) ? EmbeddedBudget.Of(measured) : [],
            .. settings.Exists(static s => s.IsPostgres) ? PostgresBudget.Of(measured) : [],
        ];
    }
}
