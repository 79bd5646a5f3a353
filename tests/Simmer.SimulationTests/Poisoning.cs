using System.Numerics;
using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests;

/// <summary>A course of events in which nothing goes wrong but this: some jobs kill their process at every run. Those that died are
/// replaced.</summary>
internal sealed class Poisoning
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);

    private readonly World _world;
    private readonly SharedStore _store;
    private readonly FleetOptions _options;
    private readonly WorkerFleet _fleet;
    private readonly List<(Story Story, int MaxAttempts)> _killers = [];
    private readonly List<(Story Story, int MaxAttempts)> _innocents = [];

    private Poisoning(int seed)
    {
        _world = new World(seed);
        var ledger = new Ledger(_world);
        _store = new SharedStore(_world, new FaultPlan(_world), ledger);
        _store.Faults.End();
        ledger.Store = _store;
        _options = new FleetOptions(_world, tells: false) { Concurrency = _world.Random.Next(1, 17) };
        _fleet = new WorkerFleet(_store, _options);
        var number = 0;
        var killers = _world.Random.Next(1, 4);
        for (var i = 0; i < killers; i++)
        {
            _killers.Add((NewStory(++number, Enumerable.Repeat(Act.Kill, 60)), _world.Random.Next(1, 4)));
        }

        // Each of them but the last may be new beside an innocent that is the only suspect, once.
        for (var i = _world.Random.Next(1, 40); i > 0; i--)
        {
            _innocents.Add((NewStory(++number, [_world.Chance(0.5) ? Act.Long : Act.Succeed]), killers));
        }
    }

    /// <summary>Runs a seed on this thread.</summary>
    public static Course Run(int seed)
    {
        var course = new Poisoning(seed);
        Exception? error = null;
        try
        {
            course._world.Run(course.PlayAsync);
        }
        catch (Exception e)
        {
            error = e;
        }

        foreach (var worker in course._fleet.Alive.ToList())
        {
            worker.Crash();
        }

        return new Course(seed, course._world.Trace, course._world.Turns, error);
    }

    private async Task PlayAsync()
    {
        await _fleet.GrowAsync(1);
        var first = _fleet.Any()!;
        var slots = first.Engine.Runner.Slots;
        var all = _killers.Concat(_innocents).ToArray();
        _world.Random.Shuffle(all);
        _ = await first.DoAsync(() => first.Jobs
            .EnqueueManyAsync(all.Select(job =>
            ((IJob)new Piece(job.Story.Number), (EnqueueOptions?)OptionsFor(job.Story, job.MaxAttempts))).ToList()));
        while (all.Any(job => _store.Find(job.Story.Id) is not { State: JobState.Succeeded or JobState.Failed or JobState.Cancelled }))
        {
            await _fleet.GrowAsync(_options.Workers);
            await _world.Delay(TimeSpan.FromSeconds(1));
            if (_world.Elapsed > s_longest)
            {
                _world.Fail($"after {s_longest.TotalHours} hours jobs are left");
                return;
            }
        }

        foreach (var (story, maxAttempts) in _killers)
        {
            var job = _store.Find(story.Id)!;
            var deaths = story.Runs.Count;
            var most = BitOperations.Log2((uint)slots) + 1 + maxAttempts;
            Must(job.State == JobState.Failed && job.Errors[^1].Type == ErrorTypes.Poison,
                $"the killer #{story.Name} is {job.State}: {job.Reason}");
            Must(deaths <= most, $"the killer #{story.Name} killed {deaths} processes of {slots} slots, more than {most}");
        }

        foreach (var (story, _) in _innocents)
        {
            var job = _store.Find(story.Id)!;
            Must(job.State == JobState.Succeeded, $"the innocent #{story.Name} is {job.State}: {job.Reason}");
            Must(job.Attempt <= _killers.Count,
                $"the innocent #{story.Name} lost {job.Attempt - 1} attempts beside {_killers.Count} killers");
        }
    }

    private Story NewStory(int number, IEnumerable<Act> script)
    {
        var story = new Story(number, [.. script], TimeSpan.FromHours(1));
        _store.Ledger.Add(story);
        return story;
    }

    private EnqueueOptions OptionsFor(Story story, int maxAttempts) => new()
    {
        Id = story.Id,
        Queue = FleetOptions.Queues[_world.Random.Next(FleetOptions.Queues.Length)],
        Priority = _world.Random.Next(-1, 2),
        MaxAttempts = maxAttempts,
        TimeLimit = story.TimeLimit,
    };

    private void Must(bool holds, string otherwise)
    {
        if (!holds)
        {
            _world.Fail(otherwise);
        }
    }
}
