using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;
using Simmer.Storage;
using Simmer.Storage.InMemory;

namespace Simmer.SimulationTests.Audit;

/// <summary>Checks what must hold when the faults have stopped and nothing happens any more.</summary>
internal sealed class FinalAudit(SharedStore store, WorkerFleet fleet)
{
    private World World => store.World;

    /// <summary>What the simulation still has to wait for; null: nothing.</summary>
    public string? WhyNotQuiet()
    {
        foreach (var story in store.Ledger.Stories)
        {
            if (store.Find(story.Id) is { } job && !job.State.IsFinal())
            {
                return $"#{story.Name} is {job.State} in run {job.Run} of {job.Worker}, due {job.DueAt:HH:mm:ss}";
            }

            if (story.Runs.Exists(static e => e.IsRunning))
            {
                return $"#{story.Name} still runs";
            }
        }

        if (Unfinished(store.Model) is { } spilled)
        {
            return $"the store has {spilled}";
        }

        if (store.Workers() is var rows && rows.Count != fleet.Alive.Count())
        {
            return $"{rows.Count} workers are registered ({string.Join(' ', rows.Select(static w => w.Info.Name))}), and "
                + $"{fleet.Alive.Count()} live";
        }

        return fleet.Alive.Select(WhyNotQuiet).FirstOrDefault(static why => why is not null);
    }

    private static string? WhyNotQuiet(WorkerProcess worker) =>
        worker.Node.Engines.All.FirstOrDefault(static l => l.Table.Count > 0 || !l.Flusher.WhenIdle().IsCompleted) is { } busy
            ? $"{worker.Process.Name} has {busy.Table.Count} runs in its table, or flushes without end"
            : Unfinished(worker.Node.MemoryStore) is { } count ? $"the memory of {worker.Process.Name} has {count}" : null;

    private static string? Unfinished(InMemoryJobStore store) =>
        store.Browser.CountAsync(CancellationToken.None).Result.FirstOrDefault(static c => !c.State.IsFinal()) is { } count
            ? $"{count.Count} {count.State} in {count.Queue}"
            : null;

    /// <summary>Checks that every job has the end that its story explains.</summary>
    public void Jobs()
    {
        foreach (var story in store.Ledger.Stories)
        {
            var job = store.Find(story.Id);
            if (WhyWrong(story, job) is { } why)
            {
                World.Fail($"#{story.Name} is {job?.State.ToString() ?? "gone"} after {job?.Attempt} attempts: {why}");
            }
        }
    }

    /// <summary>Nothing is left in the memory of a worker that has nothing to do.</summary>
    public void Memory(WorkerProcess worker)
    {
        foreach (var line in worker.Node.Engines.All.SelectMany(static l => l.Runner.Queues))
        {
            Must(!line.IsAnyLeaving, worker, $"waits for a job that left the list of {line.Name}");
            line.Hint();
            var (free, _, hints) = line.ReserveClaims(0, mayClaimAhead: false);
            line.Answered(free, free, hints);
            Must(free == line.Options.Concurrency, worker, $"has {free} of {line.Options.Concurrency} slots of {line.Name}");
        }

        var notes = worker.Node.Memory.Runner.Queue(FleetOptions.InMemory)!;
        Must(notes.TryEnter(FleetOptions.Capacity, 0), worker, "keeps places for jobs that are nowhere");
        notes.Leave(FleetOptions.Capacity);
        List<ClaimRequest> requests = [];
        List<int> noted = [];
        worker.Engine.Runner.PlanClaims(requests, noted, 0, out var suspects);
        worker.Engine.Runner.Answered(requests, noted, [], default);
        Must(suspects is { Slots: > 0, Held: 0 }, worker, "still holds a suspect");
    }

    /// <summary>Checks that no worker is left.</summary>
    public void Departed()
    {
        if (store.Workers() is { Count: > 0 } rows)
        {
            World.Fail($"after the last stop {string.Join(' ', rows.Select(static w => w.Info.Name))} are still registered");
        }
    }

    private static string? WhyWrong(Story story, JobRecord? job)
    {
        if (job is null)
        {
            return story is { Acknowledged: true, Deleted: false } ? "its caller was told that it is stored" : null;
        }

        if (job.Attempt != story.Spent)
        {
            return $"its story counts {story.Spent}";
        }

        if (job.State == JobState.Succeeded && !story.Runs.Exists(e => e.Run == job.Run && e.Leaving == Leaving.Returned))
        {
            return $"no handler returned in run {job.Run}";
        }

        return job.Reason?.StartsWith("attempts exhausted", StringComparison.Ordinal) == true && job.Attempt < job.MaxAttempts
            ? job.Reason
            : null;
    }

    private void Must(bool holds, WorkerProcess worker, string what)
    {
        if (!holds)
        {
            World.Fail($"{worker.Process.Name} is idle and {what}");
        }
    }
}
