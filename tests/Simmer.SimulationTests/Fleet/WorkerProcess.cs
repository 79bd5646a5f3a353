using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Simmer.Engine;
using Simmer.Hosting;
using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Flows;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>One process with the whole engine in it, from its start to its death.</summary>
internal sealed class WorkerProcess
{
    // All processes share a resolver, because reading the shapes anew for each would be most of the work.
    private static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private readonly SharedStore _store;
    private readonly ServiceProvider _services;
    private readonly SimmerHostedService _hosted;
    private Task? _stopping;

    public WorkerProcess(SharedStore store, FleetOptions options, string name)
    {
        _store = store;
        Process = new SimulatedProcess(store.World, name);
        Script = new Script(store, this);
        _services = Build(store, options);
        Node = _services.GetRequiredService<SimmerNode>();
        _hosted = new SimmerHostedService(Node);
        Jobs = _services.GetRequiredService<IJobClient>();
    }

    public SimulatedProcess Process { get; }

    public SimmerNode Node { get; }

    public StoreEngine Engine => Node.Durable!;

    public IJobClient Jobs { get; }

    public bool IsUp { get; private set; }

    /// <summary>Whether it is shutting down.</summary>
    public bool IsStopping => _stopping is not null;

    private Script Script { get; }

    public async Task<bool> TryStartAsync()
    {
        try
        {
            await OrDeath(Process.Run(() => _hosted.StartingAsync(CancellationToken.None)));
            IsUp = !Process.IsDead;
        }
        catch (Exception e)
        {
            Tell($"could not start: {e.Message}");
            Crash();
        }

        return IsUp;
    }

    /// <summary>Leaves as a host leaves, with so much time to drain; asked for twice, it leaves once.</summary>
    public Task StopAsync(TimeSpan patience) => _stopping ??= StopOnceAsync(patience);

    public void Crash()
    {
        if (!Process.IsDead)
        {
            Tell("dies");
            Process.Kill();
            IsUp = false;
            _store.StopListening(Process);
            _store.Ledger.Died(Process);
            Node.Context.Metrics.Dispose();
        }
    }

    /// <summary>Does something in the process; ends with the process if that ends first.</summary>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> DoAsync(Func<Task> work)
    {
        var running = Process.Run(work);
        if (await Task.WhenAny(running, Process.Died) != running)
        {
            return false;
        }

        await running;
        return true;
    }

    private async Task StopOnceAsync(TimeSpan patience)
    {
        Tell($"stops within {patience.TotalSeconds:0.0} s");
        await OrDeath(Process.Run(() => LeaveAsync(patience)));
        Tell("has stopped");
        Crash();
    }

    private Task OrDeath(Task work) => Task.WhenAny(work, Process.Died).Unwrap();

    private async Task LeaveAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience, Process.Time);
        await _hosted.StoppingAsync(deadline.Token);
        await _hosted.StopAsync(deadline.Token);
        await _hosted.StoppedAsync(deadline.Token);
        await Node.DisposeAsync();
    }

    private void Tell(string what) => _store.World.Trace.Add($"{Process.Name} {what}");

    private ServiceProvider Build(SharedStore store, FleetOptions options)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Process.Time).AddSingleton(Process.Starter).AddSingleton(new Random(store.World.Random.Next()));
        if (options.Tells)
        {
            services.AddSingleton<ILoggerFactory>(new TraceLogs(store.World, Process.Name));
        }

        var simmer = services.AddSimmerCore().UseStore("simulated", _ => new FaultyStore(store, Process))
            .Configure(o => Configure(o, options));
        foreach (var queue in FleetOptions.Queues)
        {
            simmer.AddQueue(queue, q => (q.Concurrency, q.MaxPrefetch, q.LocalDispatch, q.KeepSucceeded) =
                (options.Concurrency, options.MaxPrefetch, options.LocalDispatch, TimeSpan.FromDays(30)));
        }

        simmer.AddJob<Piece, JobContext>(Script.RunAsync, AsDurable);
        simmer.AddJob<Errand, JobContext, Parcel>(Script.RunAsync, AsDurable);
        simmer.AddJob<Carry, JobContext, Parcel, Parcel>(Script.RunAsync, AsDurable);
        simmer.AddJob<Gather, JobContext, IReadOnlyList<Parcel>, Parcel>(Script.RunAsync, AsDurable);
        simmer.AddQueue(FleetOptions.InMemory,
            q => (q.Durability, q.Concurrency, q.Capacity) = (Durability.InMemory, options.Concurrency, FleetOptions.Capacity));
        simmer.AddJob<Note, JobContext>(Script.RunAsync, static o => (o.Queue, o.Retry) = (FleetOptions.InMemory, RetryPolicy.Immediate));
        return services.BuildServiceProvider();
    }

    private static void AsDurable(JobOptions options) => (options.Queue, options.Retry) =
        (FleetOptions.Queues[0], new RetryPolicy { BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(20) });

    private void Configure(SimmerOptions engine, FleetOptions options)
    {
        engine.Worker.Name = Process.Name;
        engine.Json = s_json;
        engine.Lease = options.Lease;
        engine.PollInterval = options.Poll;
        engine.EnqueueTimeout = options.EnqueueTimeout;
        engine.DefaultTimeLimit = FleetOptions.KindTimeLimit;
        engine.StuckAfter = TimeSpan.FromSeconds(3);
    }
}
