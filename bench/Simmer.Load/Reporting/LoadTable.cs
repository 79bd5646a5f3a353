using System.Globalization;
using Simmer.Load.Measuring;
using Spectre.Console;

namespace Simmer.Load.Reporting;

/// <summary>The report for people: a table a topic, with the columns that it has figures for.</summary>
internal static class LoadTable
{
    private static readonly Dictionary<Topic, string> s_titles = new()
    {
        [Topic.Throughput] =
            "Throughput. × plain: against one transaction an operation (SQLite, PostgreSQL) or a channel with one task (memory); of "
                + "ceiling: of two columns in batches of 1,000; of bare dispatch: of shared commits that insert and delete, without an "
                + "engine.",
        [Topic.Start] = "From the call that enqueues to the first line of the handler.",
        [Topic.Workflows] =
            "Workflows. Of independent: against as many jobs that wait for nobody, enqueued in one call, or (of single calls) each in "
                + "its own.",
        [Topic.Handover] = "From the last line of a step's handler to the first line of the handler of the step that waits for it.",
        [Topic.Watched] =
            "From the call that enqueues a chain of two until who waits for it knows its end. Of first: against the time where nobody "
                + "else watches.",
        [Topic.Transactions] = "What the database is asked.",
        [Topic.Fleet] =
            "64 callers on PostgreSQL: claimed jobs and dispatched ones, beside what stands in the tables and while a session holds an "
                + "old snapshot. Of first: against the empty tables, or the first stretch.",
        [Topic.Failures] =
            "From the kill, or from the moment the server accepts connections: until the first job has started, and until all have or "
                + "all run at nine tenths of the usual rate.",
        [Topic.Rest] = "A process with nothing to do. Looks are PRAGMA data_version: no page of the database.",
    };

    private static readonly Dictionary<Figure, (string Header, string Format)> s_columns = new()
    {
        [Figure.TimesPlain] = ("× plain", "N1"),
        [Figure.ShareOfCeiling] = ("of ceiling", "P0"),
        [Figure.ShareOfBare] = ("of bare dispatch", "P0"),
        [Figure.ShareOfIndependent] = ("of independent", "P0"),
        [Figure.ShareOfSingle] = ("of single calls", "P0"),
        [Figure.JobsPerSecond] = ("jobs/s", "N0"),
        [Figure.EnqueueP50] = ("enqueue p50 µs", "N0"),
        [Figure.EnqueueP99] = ("p99 µs", "N0"),
        [Figure.CallMilliseconds] = ("call ms", "N1"),
        [Figure.MicrosecondsPerStep] = ("µs/step", "N1"),
        [Figure.StartP50] = ("start p50 µs", "N0"),
        [Figure.StartP99] = ("p99 µs", "N0"),
        [Figure.ChainP50] = ("chain p50 µs", "N0"),
        [Figure.ChainP99] = ("p99 µs", "N0"),
        [Figure.BytesPerJob] = ("B/job", "N0"),
        [Figure.CpuSecondsPerThousand] = ("CPU s/1,000", "N4"),
        [Figure.StatementsPerJob] = ("statements/job", "N2"),
        [Figure.CommitsPerThousand] = ("commits/1,000 jobs", "N1"),
        [Figure.ShareOfFirst] = ("of first", "P0"),
        [Figure.FirstSeconds] = ("first s", "N2"),
        [Figure.AllSeconds] = ("all s", "N2"),
        [Figure.Warned] = ("warned", "N0"),
        [Figure.CpuShare] = ("of a core", "P2"),
        [Figure.StatementsPerMinute] = ("statements/min", "N0"),
        [Figure.LooksPerMinute] = ("looks/min", "N0"),
        [Figure.CommitsPerMinute] = ("commits/min", "N0"),
        [Figure.Connections] = ("connections", "N0"),
        [Figure.Descriptors] = ("descriptors", "N0"),
        [Figure.Spread] = ("spread", "N2"),
    };

    /// <summary>Piped into a file there is no width to respect, and a row of Markdown is one line.</summary>
    public static void SetWidth(bool markdown)
    {
        if (markdown || Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = markdown ? 1_000 : 200;
        }
    }

    public static void Print(IReadOnlyList<Measurement> lines, bool markdown)
    {
        foreach (var topic in lines.GroupBy(static l => l.Topic))
        {
            AnsiConsole.WriteLine(s_titles[topic.Key]);
            AnsiConsole.Write(TableOf([.. topic], markdown));
        }
    }

    /// <summary>The leading figures, while the run goes on.</summary>
    public static string InShort(Measurement line) =>
        string.Join(", ", line.Figures.OrderBy(static f => f.Key).Where(static f => f.Key != Figure.Spread).Take(4)
            .Select(static f => $"{s_columns[f.Key].Header} {Text(f.Value, s_columns[f.Key].Format)}"));

    private static Table TableOf(IReadOnlyList<Measurement> lines, bool markdown)
    {
        var table = new Table().Border(markdown ? TableBorder.Markdown : TableBorder.MinimalHeavyHead);
        foreach (var column in (string[])["scenario", "store", "keep"])
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        Figure[] figures = [.. Enum.GetValues<Figure>().Where(f => lines.Any(l => l[f] is not null))];
        foreach (var column in (string[])["callers", .. figures.Select(static f => s_columns[f].Header)])
        {
            table.AddColumn(new TableColumn(column).NoWrap().RightAligned());
        }

        foreach (var line in lines)
        {
            string[] head = [line.Scenario, line.Setting.StoreName, line.Setting.KeepName,
                line.Shape.Callers == 0 ? "" : Text(line.Shape.Callers, "N0")];
            table.AddRow([.. head, .. figures.Select(f => Text(line[f], s_columns[f].Format))]);
        }

        return table;
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
