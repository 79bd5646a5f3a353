using Spectre.Console;

namespace Simmer.Load.Reporting;

/// <summary>The budget for people.</summary>
internal static class BudgetTable
{
    public static void Print(IReadOnlyList<BudgetLine> lines, bool markdown)
    {
        AnsiConsole.WriteLine("The budget of the design.");
        var table = new Table().Border(markdown ? TableBorder.Markdown : TableBorder.MinimalHeavyHead).AddColumns("promise");
        foreach (var column in (string[])["target", "measured", "met"])
        {
            table.AddColumn(new TableColumn(column).NoWrap().RightAligned());
        }

        foreach (var line in lines)
        {
            table.AddRow(line.Promise, (line.AtLeast ? "≥ " : "≤ ") + line.Text(line.Target), line.Text(line.Measured),
                line.Met switch { true => "yes", false => "no", null => "" });
        }

        AnsiConsole.Write(table);
    }
}
