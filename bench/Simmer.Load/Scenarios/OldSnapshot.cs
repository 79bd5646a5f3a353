using System.Globalization;
using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Spectre.Console;

namespace Simmer.Load.Scenarios;

/// <summary>The cost of a session that holds an old snapshot, so that rows that died since cannot be removed: on an empty database, and on
/// one with a long backlog and a long history.</summary>
internal static class OldSnapshot
{
    public const string Claimed = "claimed";
    public const string Dispatched = "dispatched";

    private const string Empty = "empty tables";
    private const string Full = "full tables";
    private const int WarningOfOldSnapshot = 3014;
    private const string Elsewhere = "elsewhere";

    private static readonly Shape s_shape = new(EndToEnd.Busy);

    /// <summary>The name of the line without an old snapshot.</summary>
    public static string Name(string way, bool full) => $"{way}, {(full ? Full : Empty)}";

    /// <summary>The name of the line of a stretch, the last one without a number.</summary>
    public static string HeldName(string way, bool full, int? stretch = null) =>
        $"{Name(way, full)}, snapshot held, "
            + $"{(stretch is { } n ? string.Create(CultureInfo.InvariantCulture, $"stretch {n}") : "last stretch")}";

    public static async Task RunAsync(Stage stage)
    {
        if (!stage.Setting.IsPostgres)
        {
            return;
        }

        foreach (var way in new[] { Claimed, Dispatched })
        {
            await using var empty = await Table.OpenAsync(stage, way, full: false);
            await using var full = await Table.OpenAsync(stage, way, full: true);
            Table[] tables = [empty, full];
            var rounds = new List<Measurement>();
            for (var i = 0; i < stage.Plan.Rounds; i++)
            {
                var rates = new List<double>();
                foreach (var table in tables)
                {
                    await table.GoOnAsync();
                    rates.Add((await table.Callers.RatesAsync(1, stage.Plan.Stretch))[0]);
                    await table.PauseAsync();
                }

                rounds.AddRange(tables.Select((table, n) => stage.Line(Topic.Fleet, Name(way, table.IsFull), s_shape)
                    .With(Figure.JobsPerSecond, rates[n]).With(Figure.ShareOfFirst, rates[n] / rates[0])));
            }

            foreach (var line in rounds.GroupBy(static r => r.Scenario))
            {
                stage.Add(Measurement.Median([.. line]));
            }

            foreach (var table in tables)
            {
                await HoldAsync(stage, way, table);
                await table.PauseAsync();
            }
        }
    }

    private static async Task HoldAsync(Stage stage, string way, Table table)
    {
        await using var held = await HeldSnapshot.TakeAsync(table.Address);

        // Work pauses. The jobs that gather are claimed afterwards, and leave their dead rows where every claim begins to look.
        await table.Callers.DuringAsync(static () => Task.Delay(TimeSpan.FromSeconds(1)));
        await table.GoOnAsync();
        var rates = await table.Callers.RatesAsync(stage.Plan.Stretches, stage.Plan.Stretch);
        var warned = table.Warnings.Of(WarningOfOldSnapshot).FirstOrDefault(w => w.Contains($"pid {held.Pid},", StringComparison.Ordinal));
        for (var i = 0; i < rates.Length; i++)
        {
            var isLast = i == rates.Length - 1;
            var line = stage.Line(Topic.Fleet, HeldName(way, table.IsFull, isLast ? null : i + 1), s_shape)
                .With(Figure.JobsPerSecond, rates[i]).With(Figure.ShareOfFirst, rates[i] / rates[0]);
            stage.Add(isLast ? line.With(Figure.Warned, warned is null ? 0 : 1) : line);
        }

        AnsiConsole.MarkupLineInterpolated($"{warned ?? "It was not warned of."}");
    }

    /// <summary>A database with a host on it.</summary>
    private sealed class Table(Ground ground, BenchHost host, Warnings warnings, Stretches callers, bool isFull) : IAsyncDisposable
    {
        public string Address => ground.Address;

        public Warnings Warnings => warnings;

        public Stretches Callers => callers;

        public bool IsFull => isFull;

        /// <summary>Its workers rest, so that a backlog does not run beside what is measured on another.</summary>
        public ValueTask PauseAsync() => host.PauseAsync();

        public Task GoOnAsync() => host.GoOnAsync();

        public static async Task<Table> OpenAsync(Stage stage, string way, bool full)
        {
            var warnings = new Warnings();
            var ground = await stage.Grounds.NewAsync(stage.Setting);
            var host = await BenchHost.StartAsync(stage.Setting, ground.Address, works: true, localDispatch: way == Dispatched, warnings);
            var callers = new Stretches(host, s_shape);
            _ = await callers.RatesAsync(1, stage.Plan.Stretch);
            if (full)
            {
                // No job is dispatched while an older one of its queue waits. So for the dispatched jobs the backlog is in another queue.
                await host.PauseAsync();
                await Filling.FillAsync(ground.Address, way == Dispatched ? Elsewhere : BenchHost.Queue, stage.Plan.Ready,
                    stage.Plan.Finished);
                await host.GoOnAsync();
                _ = await callers.RatesAsync(1, stage.Plan.Stretch);
            }

            await host.PauseAsync();
            return new Table(ground, host, warnings, callers, full);
        }

        public async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            await ground.DisposeAsync();
        }
    }
}
