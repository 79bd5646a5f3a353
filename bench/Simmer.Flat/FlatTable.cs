using System.Globalization;
using Spectre.Console;

namespace Simmer.Flat;

/// <summary>The courses for people: the working set and the live heap of each tenth.</summary>
internal static class FlatTable
{
    public static void Print(IReadOnlyList<Course> courses)
    {
        var table = new Table().AddColumns("scenario", "done", "per second", "working set, MB, by tenths", "growth",
            "live heap, MB, by tenths", "growth", "flat");
        foreach (var course in courses)
        {
            _ = table.AddRow(
                course.Name,
                course.Total.ToString("N0", CultureInfo.InvariantCulture),
                (course.Total / course.Elapsed.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture),
                Megabytes(course.WorkingSets),
                Percent(course.WorkingSetGrowth),
                Megabytes(course.Heaps),
                Percent(course.HeapGrowth),
                course.IsFlat ? "yes" : "NO");
        }

        // Wide enough for a file or a pipe.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 180);
        AnsiConsole.Write(table);
    }

    private static string Megabytes(IEnumerable<long> bytes) =>
        string.Join(' ', bytes.Select(static b => (b / 1048576.0).ToString("F0", CultureInfo.InvariantCulture)));

    private static string Percent(double factor) => ((factor - 1) * 100).ToString("+0;-0;0", CultureInfo.InvariantCulture) + " %";
}
