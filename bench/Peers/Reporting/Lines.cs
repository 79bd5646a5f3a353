using System.Globalization;
using Peers.Contestants;
using Peers.Measuring;
using Peers.Running;
using Peers.Servers;

namespace Peers.Reporting;

/// <summary>The table as text, whatever is made of it.</summary>
internal static class Lines
{
    public static IReadOnlyList<string> Headers { get; } =
    [
        "contestant", "server", "enqueue/s", "in bulk/s", "drain/s", "start p50 ms", "p99", "same process p50 ms", "p99",
            "after response p50 ms", "p99", "spread",
    ];

    /// <summary>How many columns hold words; the others hold figures.</summary>
    public static int Words => 2;

    public static IEnumerable<IReadOnlyList<string>> Of(Result result) => result.Scores.Select(static line => Of(line.Key, line.Value));

    /// <summary>Contestants with the same settings on different servers share a line.</summary>
    public static IEnumerable<string> Settings(Result result) =>
        result.Scores.Keys.GroupBy(static c => c.Settings, static c => c.Name)
            .Select(static same => $"{string.Join(", ", same)}: {same.Key}");

    public static string Versions(Result result) =>
        string.Join(", ", result.Scores.Values.SelectMany(static s => s.Versions).DistinctBy(static v => v.Key)
            .Select(static v => $"{v.Key} {v.Value}"));

    private static IReadOnlyList<string> Of(Contestant contestant, Score score) =>
    [
        score.Failure is null ? contestant.Title : $"{contestant.Title} (failed)",
        contestant.Ground is { } ground ? Grounds.NameOf(ground) : "",
        Text(score[Rate.Enqueue], "N0"),
        Text(score[Rate.Bulk], "N0"),
        Text(score[Rate.Drain], "N0"),
        .. Percentiles(score, Wait.Start),
        .. Percentiles(score, Wait.StartHere),
        .. Percentiles(score, Wait.AfterResponse),
        Text(score.Spread, "N2"),
    ];

    private static IEnumerable<string> Percentiles(Score score, Wait wait) =>
        [Text(score.Milliseconds(wait, 0.5), "N2"), Text(score.Milliseconds(wait, 0.99), "N2")];

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
