using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests;

/// <summary>One course of events: a fleet, its callers, its operators and everything that goes wrong; then peace, and an audit.</summary>
internal sealed class Simulation
{
    private static readonly TimeSpan s_longestPeace = TimeSpan.FromHours(4);

    private readonly World _world;
    private readonly SharedStore _store;
    private readonly FleetOptions _options;
    private readonly WorkerFleet _fleet;
    private readonly FinalAudit _audit;

    private Simulation(int seed, bool tells)
    {
        _world = new World(seed);
        var ledger = new Ledger(_world);
        _store = new SharedStore(_world, new FaultPlan(_world), ledger);
        ledger.Store = _store;
        _options = new FleetOptions(_world, tells);
        _fleet = new WorkerFleet(_store, _options);
        _audit = new FinalAudit(_store, _fleet);
    }

    /// <summary>Runs a seed on this thread.</summary>
    /// <param name="seed">All that decides.</param>
    /// <param name="tells">Whether the engine's log goes into the trace; it changes nothing.</param>
    public static Course Run(int seed, bool tells = false)
    {
        var simulation = new Simulation(seed, tells);
        Exception? error = null;
        try
        {
            simulation._world.Run(simulation.PlayAsync);
        }
        catch (Exception e)
        {
            error = e;
        }

        simulation.KillAll();
        return new Course(seed, simulation._world.Trace, simulation._world.Turns, error);
    }

    private async Task PlayAsync()
    {
        await _fleet.GrowAsync(_options.Workers);
        var numbers = new Numbers();
        var actors = Enumerable.Range(0, _world.Random.Next(1, 4))
            .Select(i => new Fleet.Client(_store, _fleet, numbers, (short)i).RunAsync(_world.Random.Next(2, 12))).ToList();
        actors.Add(new Operator(_store, _fleet).RunAsync(_world.Random.Next(10)));
        actors.Add(new Chaos(_store, _fleet, _options).RunAsync(_world.Random.Next(6)));
        await Task.WhenAll(actors);
        await MakePeaceAsync();
        _audit.Jobs();
        _store.Ledger.Flows.AtRest();
        await StopAllAsync();
        _audit.Departed();
    }

    private async Task MakePeaceAsync()
    {
        _world.Trace.Add("peace");
        _store.Faults.End();
        _world.Outside.Time.Offset = TimeSpan.Zero;
        foreach (var worker in _fleet.Alive)
        {
            worker.Process.Time.Offset = TimeSpan.Zero;
            if (worker.Process.IsFrozen)
            {
                worker.Process.Thaw();
            }
        }

        // Calls that were sent before may still be under way, and a lease that came into doubt needs a beat.
        await _world.Delay((_store.Faults.Longest * 2) + _options.Lease);
        foreach (var queue in FleetOptions.Queues)
        {
            await _store.Model.ResumeQueueAsync(queue, _store.Now, CancellationToken.None);
        }

        await QuietAsync();
    }

    private async Task QuietAsync()
    {
        var since = _world.Elapsed;
        while (_audit.WhyNotQuiet() is { } why)
        {
            await _fleet.GrowAsync(1);
            await _world.Delay(TimeSpan.FromSeconds(1));
            if (_world.Elapsed - since > s_longestPeace)
            {
                _world.Fail($"after {s_longestPeace.TotalHours} hours of peace: {why}");
                return;
            }
        }

        _world.Trace.Add("quiet");
    }

    private async Task StopAllAsync()
    {
        foreach (var worker in _fleet.Up)
        {
            _audit.Memory(worker);
        }

        foreach (var worker in _fleet.Alive.ToList())
        {
            await worker.StopAsync(TimeSpan.FromSeconds(30));
        }
    }

    private void KillAll()
    {
        foreach (var worker in _fleet.Alive.ToList())
        {
            worker.Crash();
        }
    }
}

/// <summary>What became of a seed.</summary>
internal sealed record Course(int Seed, Trace Trace, int Turns, Exception? Error)
{
    private const int Tail = 80;

    public override string ToString() => Error is null
        ? $"seed {Seed} passed in {Turns} turns"
        : $"""
            Seed {Seed} failed: {Error.Message}
            Replay it with its whole trace:
            SIMMER_SEED={Seed} dotnet run -c Release --project tests/Simmer.SimulationTests -- -method "*Whatever*" -showLiveOutput
            The end of the trace (seconds of simulated time; #job/run):
            {string.Join('\n', Trace.Lines.TakeLast(Tail))}
            """;
}
