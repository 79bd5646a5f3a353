using Simmer.Load.Baselines;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>Everything that a scenario needs: what to measure on, for how long, and where its lines go.</summary>
internal sealed class Stage(LoadPlan plan, Grounds grounds, Setting setting, Action<Measurement> add, bool counts = false)
{
    // A process is slower in its first tenths of a second, because the second tier is compiled in the background.
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(100);
    private static readonly HashSet<(StoreChoice, int)> s_warm = [];

    public LoadPlan Plan => plan;

    /// <summary>The same on a store that keeps what succeeded.</summary>
    public Stage Keeping => new(plan, grounds, setting with { Keep = true }, add, counts);

    /// <summary>The same on stores of which the server counts the statements.</summary>
    public Stage Counting => new(plan, grounds, setting, add, counts: true);

    public Grounds Grounds => grounds;

    /// <summary>Takes a line that is done.</summary>
    public void Add(Measurement line) => add(line);

    public Setting Setting => setting;

    /// <summary>Several rounds of a line on one store, its baselines between them.</summary>
    /// <param name="line">The line.</param>
    /// <param name="steps">What the baselines do.</param>
    /// <param name="work">Makes the jobs.</param>
    public Task RoundsAsync(Measurement line, Steps steps, Func<Rig, Task<Made>> work) =>
        RoundsAsync(line.Shape.Processes, plan.Rounds, async rig => await ComparedAsync(await rig.MeasureAsync(line, work), steps));

    /// <summary>Several rounds of a line on one store.</summary>
    public Task RoundsAsync(int processes, int rounds, Func<Rig, Task<Measurement>> measure) =>
        RoundsAsync(processes, rounds, async (rig, _) => [await measure(rig)]);

    /// <summary>Several rounds of several lines on one store, by turns, so that what disturbs the machine disturbs all of them.</summary>
    public async Task RoundsAsync(int processes, int rounds, Func<Rig, int, Task<IReadOnlyList<Measurement>>> measure)
    {
        await using var rig = await WarmRigAsync(processes);
        var measured = new List<Measurement>();
        for (var i = 0; i < rounds; i++)
        {
            measured.AddRange(await measure(rig, i));
        }

        foreach (var line in measured.GroupBy(static m => m.Scenario))
        {
            add(Measurement.Median([.. line]));
        }
    }

    /// <summary>Measures the baselines of what was just measured.</summary>
    public Task<Measurement> ComparedAsync(Measurement measured, Steps steps) =>
        Baseline.CompareAsync(grounds, measured, steps, plan.Round / 3);

    public Measurement Line(Topic topic, string scenario, Shape shape) => new(topic, scenario, setting, shape);

    private async Task<Rig> WarmRigAsync(int processes)
    {
        var rig = await Rig.StartAsync(await grounds.NewAsync(setting, counts), setting, processes);
        var shape = new Shape(8, processes);
        var line = Line(Topic.Throughput, "warm-up", shape);
        var isWarm = !s_warm.Add((setting.Store, processes)) && processes < 2;
        for (var i = 0; i < (isWarm ? 1 : 2); i++)
        {
            _ = await rig.MeasureAsync(line, r => Callers.ForAsync(r.Jobs, shape, isWarm ? s_short : s_long));
            _ = await rig.MeasureAsync(line,
                r => Callers.BulkAsync(r.Jobs, shape with { PerCall = Shape.Many }, setting.IsDurable ? 16_000 : 96_000));
            await Task.Delay(s_short);
        }

        return rig;
    }
}
