using System.Globalization;
using Simmer.Load.Measuring;
using Spectre.Console;

namespace Simmer.Load.Reporting;

/// <summary>The report for people; ratios first, because they hold on other machines as well.</summary>
internal static class LoadTable
{
    public static void Print(IReadOnlyList<Measurement> lines)
    {
        var table = new Table().Border(TableBorder.MinimalHeavyHead);
        foreach (var column in new[] { "scenario", "store", "keep", "callers", "× one tx per op", "of ceiling", "jobs/s", "p50 µs", "p99 µs", "B/job", "CPU s/1,000", "spread" })
        {
            table.AddColumn(new TableColumn(column).NoWrap().Alignment(column is "scenario" or "store" or "keep" ? Justify.Left : Justify.Right));
        }

        foreach (var line in lines)
        {
            table.AddRow(
                line.Scenario,
                line.Store,
                line.Keep,
                line.Callers == 0 ? "" : Text(line.Callers, "N0"),
                Text(line.TimesOnePerOperation, "N1"),
                Text(line.ShareOfCeiling, "P0"),
                Text(line.JobsPerSecond, "N0"),
                Text(line.P50Microseconds, "N0"),
                Text(line.P99Microseconds, "N0"),
                Text(line.BytesPerJob, "N0"),
                Text(line.CpuSecondsPerThousand, "N4"),
                Text(line.Spread, "N2"));
        }

        // Piped into a file there is no width to respect.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200;
        }

        AnsiConsole.Write(table);
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
