using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;

namespace Simmer.UserView;

internal sealed record Report(IReadOnlyList<Load> Loads, IReadOnlyList<double> PairShares)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>How many times lower the median latency is after the response, with one connection.</summary>
    public double AfterResponseTimesLower => Of("/inline", 1).P50Milliseconds / Of("/after", 1).P50Milliseconds;

    public double DurableJobTimesLower => Of("/inline", 1).P50Milliseconds / Of("/job", 1).P50Milliseconds;

    /// <summary>The share of the requests per second that the endpoint with a task reaches: the median of the pairs.</summary>
    public double TaskShare => Load.Median(PairShares);

    public void Print()
    {
        var table = new Table().Border(TableBorder.MinimalHeavyHead);
        foreach (var column in new[] { "endpoint", "connections", "× lower p50", "p50 ms", "p99 ms", "requests/s" })
        {
            table.AddColumn(new TableColumn(column).NoWrap().Alignment(column == "endpoint" ? Justify.Left : Justify.Right));
        }

        foreach (var load in Loads)
        {
            var isMail = load.Path is "/after" or "/job";
            table.AddRow(
                load.Path,
                $"{load.Connections}",
                isMail ? Text(Of("/inline", load.Connections).P50Milliseconds / load.P50Milliseconds, "N0") : "",
                Text(load.P50Milliseconds, "N3"),
                Text(load.P99Milliseconds, "N3"),
                Text(load.RequestsPerSecond, "N0"));
        }

        // Piped into a file there is no width to respect.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160;
        }

        AnsiConsole.Write(table);
        Verdict("after the response, 1 connection: median latency lower than inline by", AfterResponseTimesLower, 200, "N0");
        Verdict("durable job on SQLite FULL, 1 connection: median latency lower than inline by", DurableJobTimesLower, 50, "N0");
        Verdict("an endpoint that adds a task keeps of its requests/s, 32 connections", TaskShare, 0.97, "P1");
    }

    public void Write(FileInfo file) => File.WriteAllBytes(file.FullName, JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            At = DateTimeOffset.UtcNow,
            Machine = new { Environment.MachineName, Cores = Environment.ProcessorCount, Os = RuntimeInformation.OSDescription,
                Runtime = RuntimeInformation.FrameworkDescription },
            AfterResponseTimesLower,
            DurableJobTimesLower,
            TaskShare,
            PairShares,
            Loads,
        },
        s_json));

    private static void Verdict(string what, double value, double target, string format) =>
        AnsiConsole
            .MarkupLineInterpolated(
            $"{(value >= target ? "reached" : "MISSED ")}  {what} {Text(value, format)} (target {Text(target, format)})");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private Load Of(string path, int connections) => Loads.First(l => l.Path == path && l.Connections == connections);
}
