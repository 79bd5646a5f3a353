using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Flows;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>An application that enqueues: single jobs and many, with delays, keys and ids of its own, and once more after an unknown
/// outcome.</summary>
internal sealed class Client(SharedStore store, WorkerFleet fleet, Numbers numbers, short index)
{
    private readonly short _index = index;
    private int _lastNote;

    private World World => store.World;

    public async Task RunAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            if (fleet.Any() is { } worker)
            {
                await (World.Random.Next(10) switch
                {
                    < 2 => EnqueueManyAsync(worker),
                    < 4 => EnqueueNotesAsync(worker),
                    4 => EnqueueFlowAsync(worker),
                    _ => EnqueueAsync(worker),
                });
            }

            await World.Delay(World.Chance(0.3) ? World.Between(0.5, 8) : World.Between(0, 0.05));
        }
    }

    private async Task EnqueueAsync(WorkerProcess worker)
    {
        var key = World.Chance(0.15) ? $"key {World.Random.Next(3)}" : null;
        var story = NewStory(key);
        var options = OptionsFor(story, key);
        for (var tries = 0; tries < 3; tries++)
        {
            if (await TryEnqueueAsync(worker, story, options) || World.Chance(0.5) || fleet.Any() is not { } next)
            {
                return;
            }

            // The same id, at the same worker or another: whatever became of the first call, it is stored once.
            worker = World.Chance(0.5) && worker.IsUp ? worker : next;
        }
    }

    private async Task<bool> TryEnqueueAsync(WorkerProcess worker, Story story, EnqueueOptions options)
    {
        JobHandle? handle = null;
        try
        {
            await worker.DoAsync(async () => handle = await worker.Jobs.EnqueueAsync(new Piece(story.Number), options));
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            World.Trace.Add($"client is refused #{story.Number} by {worker.Process.Name}: {e.Message}");
        }

        // If the holder of a key has ended, it is not recorded who held it, so a repeated flush answers "stored".
        story.Acknowledged |= handle is not null && handle.Id == story.Id && (story.UniqueKey is null || handle.State != JobState.Unknown);
        if (handle is not null)
        {
            World.Trace.Add($"client is told #{story.Number} {handle.State}{(handle.IsDuplicate ? " (duplicate)" : null)}");
        }

        return handle is not null;
    }

    private async Task EnqueueFlowAsync(WorkerProcess worker)
    {
        var flow = FlowDraw.Draw(World, numbers.Next());
        store.Ledger.Flows.Add(flow);
        World.Trace.Note($"        workflow #{flow.Number} is planned: {string.Join("; ", flow.Steps.Select(static s => s.Plan))}");
        for (var tries = 0; tries < 3; tries++)
        {
            if (await TryEnqueueAsync(worker, flow) || World.Chance(0.5) || fleet.Any() is not { } next)
            {
                return;
            }

            worker = World.Chance(0.5) && worker.IsUp ? worker : next;
        }
    }

    private async Task<bool> TryEnqueueAsync(WorkerProcess worker, FlowPlan flow)
    {
        WorkflowHandle? handle = null;
        try
        {
            await worker.DoAsync(async () => handle = await worker.Jobs.EnqueueAsync(flow.Element, new WorkflowOptions { Id = flow.Id }));
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            World.Trace.Add($"client is refused workflow #{flow.Number} by {worker.Process.Name}: {e.Message}");
        }

        if (handle is not null)
        {
            flow.Acknowledged = true;
            World.Trace.Add($"client is told workflow #{flow.Number} {handle.State}{(handle.IsDuplicate ? " (duplicate)" : null)}");
        }

        return handle is not null;
    }

    private async Task EnqueueManyAsync(WorkerProcess worker)
    {
        var stories = Enumerable.Range(0, World.Random.Next(2, 12)).Select(_ => NewStory(null)).ToList();
        var jobs = stories.Select(s => ((IJob)new Piece(s.Number), (EnqueueOptions?)OptionsFor(s, null))).ToList();
        try
        {
            if (await worker.DoAsync(() => worker.Jobs.EnqueueManyAsync(jobs)))
            {
                stories.ForEach(static s => s.Acknowledged = true);
                World.Trace.Add($"client is told #{stories[0].Number} to #{stories[^1].Number}");
            }
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            World.Trace.Add($"client is refused #{stories[0].Number} to #{stories[^1].Number}: {e.Message}");
        }
    }

    private async Task EnqueueNotesAsync(WorkerProcess worker)
    {
        var notes = Enumerable.Range(0, World.Random.Next(1, 9)).Select(_ => new Note(++_lastNote)).ToList();
        var jobs = notes.Select(note => ((IJob)note, (EnqueueOptions?)NoteOptions(note))).ToList();
        try
        {
            await worker.DoAsync(() => worker.Jobs.EnqueueManyAsync(jobs));
        }
        catch (Exception e) when (e is QueueFullException or ObjectDisposedException)
        {
            World.Trace.Add($"client is refused {notes.Count} notes by {worker.Process.Name}: {e.GetType().Name}");
        }
    }

    private EnqueueOptions NoteOptions(Note note) => new()
    {
        Id = new JobId(new Guid(-note.Number, _index, 0, new byte[8])),
        Delay = World.Chance(0.3) ? World.Between(0.01, 20) : null,
    };

    private Story NewStory(string? key)
    {
        var acts = Enum.GetValues<Act>();
        var script = Enumerable.Range(0, World.Random.Next(4)).Select(_ => acts[World.Random.Next(acts.Length)]).ToList();
        if (!World.Chance(0.1))
        {
            // Jobs that kill their process are rare, because otherwise little else would happen.
            script.RemoveAll(static a => a == Act.Kill);
        }

        if (World.Chance(0.3))
        {
            script.Insert(0, Act.SucceedAtOnce);
        }

        var story = new Story(numbers.Next(), script, World.Between(1, 20)) { UniqueKey = key };
        store.Ledger.Add(story);
        return story;
    }

    private EnqueueOptions OptionsFor(Story story, string? key) => new()
    {
        Id = story.Id,
        Queue = FleetOptions.Queues[World.Random.Next(FleetOptions.Queues.Length)],
        Priority = World.Random.Next(-1, 2),
        Delay = World.Chance(0.2) ? World.Between(0.01, 20) : null,
        MaxAttempts = World.Random.Next(1, 6),
        TimeLimit = story.TimeLimit,
        UniqueKey = key,
        UniqueWhile = World.Chance(0.5) ? UniqueWhile.Waiting : UniqueWhile.Unfinished,
        ExpiresIn = World.Chance(0.05) ? World.Between(0.5, 30) : null,
    };
}

/// <summary>Gives every job and every workflow of a run its number.</summary>
internal sealed class Numbers
{
    private int _last;

    public int Next() => ++_last;
}
