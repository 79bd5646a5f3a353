using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>What a process costs that has nothing to do: one with each store, all at the same time, each in a process of its own.</summary>
internal static class Rest
{
    public const string Name = "idle process";

    // Until what follows a start has passed: compiling, the first rescue, the first prune.
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(3);

    public static Task<Measurement[]> MeasureAsync(IEnumerable<Setting> settings, TimeSpan duration) =>
        Task.WhenAll(settings.Where(static s => !s.Keep).Select(s => MeasureAsync(s, duration)));

    private static async Task<Measurement> MeasureAsync(Setting setting, TimeSpan duration)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-rest").FullName;
        try
        {
            await using var worker = await WorkerProcess.StartAsync(setting, folder, traced: true);
            await Task.Delay(s_calm);
            await worker.BeginAsync();
            await Task.Delay(duration);
            var report = await worker.EndAsync(0);
            var (usage, minutes) = (report.Usage, duration.TotalMinutes);
            return new Measurement(Topic.Rest, Name, setting, new Shape(0))
                .With(Figure.CpuShare, usage.CpuSeconds / duration.TotalSeconds)
                .With(Figure.StatementsPerMinute, usage.Sqlite.Statements / minutes)
                .With(Figure.LooksPerMinute, usage.Sqlite.Looks / minutes)
                .With(Figure.CommitsPerMinute, usage.Sqlite.Commits / minutes)
                .With(Figure.Connections, report.Connections)
                .With(Figure.Descriptors, report.Descriptors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
