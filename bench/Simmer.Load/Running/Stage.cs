using Simmer.Load.Baselines;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>What every scenario is given: what to measure on, for how long, and where the lines go.</summary>
internal sealed class Stage(LoadPlan plan, Setting setting, Action<Measurement> add)
{
    // The first tenths of a second of a process are slower: the second tier is compiled in the background.
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(100);
    private static readonly HashSet<(StoreChoice, int)> s_warm = [];

    public LoadPlan Plan => plan;

    public Setting Setting => setting;

    /// <summary>Several rounds of a line on one store, its baselines between them, so that what disturbs the machine disturbs all of them.</summary>
    /// <param name="line">The line.</param>
    /// <param name="steps">What the baselines do.</param>
    /// <param name="work">Makes the jobs.</param>
    /// <param name="prepare">Is not measured.</param>
    /// <param name="rounds">If not as many as planned.</param>
    public Task RoundsAsync(Measurement line, Steps steps, Func<Rig, Task<Made>> work, Func<Rig, Task>? prepare = null, int? rounds = null) =>
        RoundsAsync(line.Shape.Processes, rounds ?? plan.Rounds, async rig =>
        {
            await (prepare?.Invoke(rig) ?? Task.CompletedTask);
            return Baseline.Compare(await rig.MeasureAsync(line, work), steps, plan.Round / 3);
        });

    /// <summary>Several rounds on one store.</summary>
    public async Task RoundsAsync(int processes, int rounds, Func<Rig, Task<Measurement>> measure)
    {
        await using var rig = await WarmRigAsync(processes);
        var measured = new List<Measurement>();
        for (var i = 0; i < rounds; i++)
        {
            measured.Add(await measure(rig));
        }

        add(Measurement.Median(measured));
    }

    public Measurement Line(Topic topic, string scenario, Shape shape) => new(topic, scenario, setting, shape);

    private async Task<Rig> WarmRigAsync(int processes)
    {
        var rig = await Rig.StartAsync(setting, processes);
        var shape = new Shape(8, processes);
        var line = Line(Topic.Throughput, "warm-up", shape);
        var isWarm = !s_warm.Add((setting.Store, processes)) && processes < 2;
        for (var i = 0; i < (isWarm ? 1 : 2); i++)
        {
            _ = await rig.MeasureAsync(line, r => Callers.ForAsync(r.Jobs, shape, isWarm ? s_short : s_long));
            _ = await rig.MeasureAsync(line, r => Callers.BulkAsync(r.Jobs, shape, setting.IsSqlite ? 16_000 : 96_000));
            await Task.Delay(s_short);
        }

        return rig;
    }
}
