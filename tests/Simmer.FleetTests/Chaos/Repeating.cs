using Simmer.FleetTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>Four processes give the same ids at the same time, to the store and within transactions of every isolation level, while the
/// jobs end: kept, not kept, within a transaction, failed and run again by an operator, pruned, and as workflows.</summary>
[Trait("Rule", "1")]
public class Repeating
{
    private const int Processes = 4;
    private const int Runs = 800;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task An_id_that_is_given_by_many_while_its_job_ends_runs_once_for_each_time_that_it_was_told_as_stored()
    {
        await using var fleet = await Fleet.StartAsync();
        var workers = await fleet.SpawnReadyAsync(Processes, shape: static p => p with { Repeaters = 4 });
        await fleet.SaidAsync("kind IN ('count', 'charge', 'once', 'part') AND what = 'started'", Runs, s_limit);
        await fleet.FinishAsync(s_limit, workers);

        var stored = Times(fleet, Repeaters.Stored);
        var unanswered = Times(fleet, Repeaters.Unanswered);
        var begun = Did.ReadAll(fleet.Folder).Where(static d => d is { What: "started", Kind: not "part" })
            .ToLookup(static d => d.Job, static d => d.Run);
        stored.Count.ShouldBeGreaterThan(100);
        (await fleet.NumberAsync("SELECT count(*) FROM simmer.history WHERE run > 1"))
            .ShouldBeGreaterThan(0, "some were run again by an operator");

        // A run that was given back before its handler began, as at a shutdown, leaves a gap in the numbers.
        stored.Where(s => !unanswered.ContainsKey(s.Key)
            && (begun[s.Key].Count(static run => run == 1) > s.Value || begun[s.Key].Count() < s.Value))
            .Select(s => $"{s.Key}: {s.Value} times stored, begun as run {string.Join(", ", begun[s.Key])}").Take(5)
                .ShouldBeEmpty($"of {stored.Count} ids");
        await fleet.EndAsync($"{stored.Count} ids that {Processes} processes gave, {unanswered.Count} of them unanswered");
    }

    private static Dictionary<JobId, int> Times(Fleet fleet, string what) =>
        Directory.EnumerateFiles(fleet.Folder, $"*.{what}").SelectMany(File.ReadLines).CountBy(static line => JobId.Parse(line))
            .ToDictionary();
}
