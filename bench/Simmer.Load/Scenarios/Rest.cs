using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>The cost of a process that has nothing to do: one with each store, all at the same time, each in a process of its
/// own.</summary>
internal static class Rest
{
    public const string Name = "idle process";

    // Until what follows a start has passed: compiling, the first rescue, the first prune.
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(3);

    public static Task<Measurement[]> MeasureAsync(Grounds grounds, IEnumerable<Setting> settings, TimeSpan duration) =>
        Task.WhenAll(settings.Where(static s => !s.Keep).Select(s => MeasureAsync(grounds, s, duration)));

    private static async Task<Measurement> MeasureAsync(Grounds grounds, Setting setting, TimeSpan duration)
    {
        await using var ground = await grounds.NewAsync(setting, counts: true);
        await using var worker = await WorkerProcess.StartAsync(setting, ground.Address, traced: true);
        await Task.Delay(s_calm);
        var counted = await ground.CountAsync();
        await worker.BeginAsync();
        await Task.Delay(duration);
        var report = await worker.EndAsync(0);
        var asked = await ground.CountAsync() - counted + report.Usage.Sqlite;
        return new Measurement(Topic.Rest, Name, setting, new Shape(0))
            .With(Figure.CpuShare, report.Usage.CpuSeconds / duration.TotalSeconds)
            .With(Figure.StatementsPerMinute, asked.Statements / duration.TotalMinutes)
            .With(Figure.LooksPerMinute, asked.Looks / duration.TotalMinutes)
            .With(Figure.CommitsPerMinute, asked.Commits / duration.TotalMinutes)
            .With(Figure.Connections, report.Connections + await ground.ConnectionsAsync())
            .With(Figure.Descriptors, report.Descriptors);
    }
}
