using Simmer.CrashTests;
using Simmer.CrashTests.Worker;
using Simmer.FleetTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>Compares what was acknowledged, what the store says, what the handlers did and what the application's own table
/// holds.</summary>
/// <param name="fleet">The fleet, which has come to rest.</param>
/// <param name="excused">Lives that may have left jobs without an end, beside those that were killed and those that learnt that they were
/// taken for dead.</param>
/// <param name="poison">Jobs that kill every process that runs them.</param>
/// <param name="story">How to repeat it.</param>
internal sealed class FleetAudit(Fleet fleet, IReadOnlyCollection<int> excused, IReadOnlyCollection<JobId> poison, string story)
{
    private readonly HashSet<int> _excused =
        [.. fleet.Workers.Where(static w => w.ExitCode != 0 || w.Lines("has declared this worker dead").Count > 0)
            .Select(static w => w.Life.Life), .. excused];

    public async Task AtTheEndAsync()
    {
        var ended = (await Ended.ReadAllAsync(fleet.Database)).ToDictionary(static e => e.Id);
        var did = Did.ReadAll(fleet.Folder);
        EveryAcknowledgedJobHasOneEnd(ended);
        await NothingIsLeftAsync();
        EveryRunIsExplained(ended, did);
        AttemptsAreAccounted(ended, did);
        await ChargedExactlyOnceAsync(ended);
        await WorkflowsAreConsistentAsync(ended, did);
        Console.WriteLine(
            $"{ended.Count} jobs, of which {ended.Values.Count(static e => e.Kind == Charge.Kind)} charge; "
                + $"{ended.Values.Sum(static e => e.Run)} runs, {ended.Values.Sum(static e => e.Forgiven)} forgiven; "
            + $"{fleet.Workers.Count} lives, {_excused.Count} excused; {story}");
    }

    // The id is the key of the history, so a job that is in it has exactly one end.
    private void EveryAcknowledgedJobHasOneEnd(Dictionary<JobId, Ended> ended)
    {
        var acknowledged = AckFile.ReadAll(fleet.Folder);
        (acknowledged.Count + AckFile.ReadAll(fleet.Folder, AckFile.Flows).Count).ShouldBeGreaterThan(0, story);
        acknowledged.Where(id => !ended.ContainsKey(id)).ShouldBeEmpty($"acknowledged, but without an end; {story}");
        var cancels = AckFile.ReadAll(fleet.Folder, AckFile.Cancelled);
        None(ended.Values.Where(e => !(e.State switch
        {
            JobState.Succeeded => true,
            JobState.Failed => e.Kind is Doomed.Kind or Once.Kind || poison.Contains(e.Id),
            JobState.Cancelled => cancels.Contains(e.Id),
            JobState.Skipped => e.Step is not null,
            _ => false,
        })), "ended as nobody had asked");
    }

    private async Task NothingIsLeftAsync()
    {
        foreach (var table in new[] { "job", "worker", "signal", "upkeep_lease",
            "error e WHERE NOT EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = e.job)" })
        {
            (await fleet.RowsAsync($"SELECT * FROM simmer.{table}")).ShouldBeEmpty($"rows left in {table}; {story}");
        }
    }

    // A further run of a job needs an explanation: either a process that had the job has ended, which explains one run, or the handler
    // itself said that its attempt failed.
    private void EveryRunIsExplained(Dictionary<JobId, Ended> ended, List<Did> did)
    {
        var runs = did.Where(static d => d.What != "taken").GroupBy(static d => (d.Job, d.Run))
            .Select(static g => new Ran(g.Key.Job, g.Key.Run, [.. g])).ToList();
        var last = runs.Where(static r => r.Has("started")).GroupBy(static r => r.Job)
            .ToDictionary(static g => g.Key, static g => g.Max(static r => r.Run));
        None(runs.Where(r => r.Says.Count(static d => d.What == "started") > 1 && !(IsOnce(r) && !ended.ContainsKey(r.Job))),
            "one run was executed twice");
        None(runs.Where(r => r.Has("started") && !r.HasEnd && !IsExcused(r)), "began and did not end, although its process lived");
        None(runs.Where(r => r.Has("done") && !r.Has("threw") && last[r.Job] > r.Run && !IsExcused(r)),
            "done, and run again although its process lived");

        // The engine could not find out whether the handler's own commit had succeeded, and settled the job as if it had not. That has no
        // effect if it had.
        None(runs.Where(r => r.Has("refused") && !IsExcused(r)
            && !(ended.TryGetValue(r.Job, out var end) && end.Kind == Charge.Kind && end.Run == r.Run)),
            "the store refused an end although the process lived");
        None(runs.Where(r => r.Has("done") && !ended.ContainsKey(r.Job) && !IsOnce(r)), "ran, but the store knows nothing of it");
        None(runs.Where(r => r.Has("started") && ended.TryGetValue(r.Job, out var end) && r.Run > end.Run), "a run after the last");
        var done = runs.Where(static r => r.Has("done")).Select(static r => (r.Job, r.Run)).ToHashSet();
        None(ended.Values.Where(e => e.State == JobState.Succeeded && !done.Contains((e.Id, e.Run))),
            "succeeded by a run that did not do the work");
    }

    /// <summary>An attempt is spent only by a handler that threw, or by the rescue of a job that was the only suspect.</summary>
    private void AttemptsAreAccounted(Dictionary<JobId, Ended> ended, List<Did> did)
    {
        var threw = did.Where(static d => d.What == "threw").Select(static d => (d.Job, d.Run)).Distinct()
            .ToLookup(static d => d.Job, static d => d.Run);
        var touched = did.Where(d => _excused.Contains(d.Life)).Select(static d => d.Job).ToHashSet();
        None(ended.Values.Where(e => e.State == JobState.Succeeded && e.Run - e.Forgiven > 1 + e.Errors),
            "more attempts spent than there were errors");

        // An operator's retry forgives the attempts spent before.
        var untouched = ended.Values.Where(e => e.State == JobState.Succeeded && e.Kind != Once.Kind && !touched.Contains(e.Id)).ToList();

        // A process may die between its claim and the start of the handler. The first rescues of such a job are forgiven, later ones may
        // not be.
        None(untouched.Where(e => e.Run - e.Forgiven - 1 - threw[e.Id].Count(run => run != e.Run) is var spent
            && (spent < 0 || spent > Math.Max(0, e.Lost - 1))), "attempts that no error explains");
        None(untouched.Where(e => e.Lost > 0 && _excused.Count == 0), "taken from a worker though none had died");
    }

    private async Task ChargedExactlyOnceAsync(Dictionary<JobId, Ended> ended)
    {
        var charged = await fleet.RowsAsync("SELECT job, run FROM charge");
        var expected = ended.Values.Where(static e => e is { Kind: Charge.Kind, State: JobState.Succeeded })
            .Select(static e => $"{e.Id} {e.Run}").ToList();
        charged.Except(expected).ShouldBeEmpty($"charged by a run that does not count; {story}");
        expected.Except(charged).ShouldBeEmpty($"succeeded and not charged; {story}");
        charged.Count.ShouldBe(expected.Count, $"charged twice; {story}");
    }

    private async Task WorkflowsAreConsistentAsync(Dictionary<JobId, Ended> ended, List<Did> did)
    {
        (await fleet
            .RowsAsync("SELECT id FROM simmer.workflow WHERE pending <> 0 OR state = 1 OR finished_at IS NULL OR keep_until IS NULL"))
            .ShouldBeEmpty($"workflows without an end; {story}");
        (await fleet.RowsAsync("SELECT DISTINCT workflow FROM simmer.gate WHERE workflow NOT IN (SELECT id FROM simmer.workflow)"))
            .ShouldBeEmpty($"gates of no workflow; {story}");
        var sizes = (await fleet.RowsAsync("SELECT id, steps FROM simmer.workflow")).Select(static row => row.Split(' '))
            .ToDictionary(static row => row[0], static row => int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture));
        AckFile.ReadAll(fleet.Folder, AckFile.Flows).Where(id => !sizes.ContainsKey(id.ToString()))
            .ShouldBeEmpty($"workflows acknowledged, and lost; {story}");
        var flows = ended.Values.Where(static e => e.Step is not null).Select(static e => e.Step!).GroupBy(static s => s.Step.Workflow)
            .ToList();
        flows.Count.ShouldBe(sizes.Count, $"workflows with steps; {story}");
        var rules = new FlowRules(Times(did), story);
        foreach (var flow in flows)
        {
            flow.Count().ShouldBe(sizes[flow.Key.ToString()], $"{flow.Key} is not whole; {story}");
            rules.MustBeObeyed(flow);
        }

        // A run whose end was refused may have had another result, so the results taken must be those of the last run.
        None(did.Where(d => d.What == "taken" && ended[d.Job].Run != d.Run),
            "results were passed on that are not those of the runs that count");
    }

    private static Dictionary<JobId, (long Started, long Done)> Times(List<Did> did) =>
        did.Where(static d => d.What is "started" or "done" or "threw").GroupBy(static d => d.Job).ToDictionary(
        static g => g.Key,
        static g => (g.Where(static d => d.What == "started").Min(static d => d.N),
            g.Where(static d => d.What != "started").Select(static d => d.N).DefaultIfEmpty().Max()));

    // Not all of these jobs are kept. One that is gone may be stored again under its id.
    private static bool IsOnce(Ran run) => run.Says.Any(static d => d.Kind == Once.Kind);

    private bool IsExcused(Ran run) => run.Says.Any(d => _excused.Contains(d.Life));

    private void None<T>(IEnumerable<T> found, string otherwise) => found.Take(3).ShouldBeEmpty($"{otherwise}; {story}");

    /// <summary>All that was said of one run of a job.</summary>
    private sealed record Ran(JobId Job, int Run, IReadOnlyList<Did> Says)
    {
        public bool HasEnd => Has("done") || Has("threw") || Has("stopped");

        public bool Has(string what) => Says.Any(d => d.What == what);

        public override string ToString() => string.Join(", ", Says);
    }
}
