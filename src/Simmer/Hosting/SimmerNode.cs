using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Simmer.AfterResponse;
using Simmer.Client;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Operating;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Storage.InMemory;
using Simmer.Watching;

namespace Simmer.Hosting;

/// <summary>Simmer in this process: an engine for each store, and what they share. Made once; making it checks the whole set-up.</summary>
internal sealed class SimmerNode : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly List<OwnThreads> _threads = [];
    private readonly InMemoryJobStore _memory = new();
    private readonly SimmerOptions _options;
    private IDisposable? _hints;

    public SimmerNode(IServiceProvider services, SimmerSetup setup, IOptions<SimmerOptions> options)
    {
        _options = options.Value;
        var problems = new List<string>();
        foreach (var check in setup.Checks)
        {
            check(services, problems);
        }

        OptionsCheck.Check(_options, setup, problems);
        var catalog = JobCatalog.Build(
            setup.Jobs, setup.Upcasters, _options, services.GetRequiredService<IServiceProviderIsService>(), problems);
        if (problems.Count > 0)
        {
            throw new SimmerSetupException(problems);
        }

        var logger = GuardedLogger.For(services, "Simmer");
        var time = GuardedTime.Of(services.GetService<TimeProvider>(), logger);
        var starter = services.GetService<WorkStarter>() ?? WorkStarter.ThreadPool;
        Context = new EngineContext(
            _options,
            catalog,
            time,
            starter,
            Chance(services.GetService<Random>()),
            services,
            logger,
            services.GetRequiredService<Mistakes>(),
            new SimmerMetrics(services.GetService<IMeterFactory>()),
            new JobWatcher(time, starter))
        {
            IsDevelopment = services.GetService<IHostEnvironment>()?.IsDevelopment() == true,
        };

        var slots = _options.Queues.Select(q => new QueueSlots(QueueNames.Stored(q.Key), q.Value, ThreadsOf(q.Key, q.Value))).ToList();
        var routes = new EngineRoutes(_memory);
        Drafts = new DraftFactory(Context, routes.Of);
        var store = setup.Stores.Count > 0 ? setup.Stores[0].Create(services) : null;
        Memory = new StoreEngine(Context, _memory, Info([.. slots.Select(static s => s.Name)]),
            LocalQueues(slots, s => !IsDurable(s, store)), Drafts);
        if (store is not null)
        {
            // In-memory queues have a local queue here too, for what was spilled at a shutdown.
            Durable = new StoreEngine(Context, store, Info([.. slots.Where(WorksOn).Select(static s => s.Name)]),
                LocalQueues(slots, s => _options.Worker.Enabled && s.Name != QueueNames.AfterResponse && WorksOn(s)), Drafts);
        }

        Engines = new StoreEngines(Memory, Durable, slots.ToDictionary(static s => s.Name, s => IsDurable(s, store) ? Durable! : Memory));
        routes.LeadTo(Engines);

        Workflows = new WorkflowFactory(Context, Drafts);
        Client = new JobClient(Context, Engines, Drafts, Workflows);
        Operator = new JobOperator(Context, Engines, Client.Batches);
        AfterResponse = new AfterResponseQueue(Context, Memory, Drafts);
    }

    public EngineContext Context { get; }

    public StoreEngine Memory { get; }

    /// <summary>Null: no database is configured.</summary>
    public StoreEngine? Durable { get; }

    public StoreEngines Engines { get; }

    public DraftFactory Drafts { get; }

    public WorkflowFactory Workflows { get; }

    public JobClient Client { get; }

    public JobOperator Operator { get; }

    public AfterResponseQueue AfterResponse { get; }

    public InMemoryJobStore MemoryStore => _memory;

    public bool WorksOn(QueueSlots queue) =>
        (_options.Worker.Queues.Count == 0 || _options.Worker.Queues.Contains(queue.Name, StringComparer.OrdinalIgnoreCase))
        && Offers(queue);

    /// <summary>Hints from other processes wake the loops between two beats.</summary>
    public void ListenForHints()
    {
        if (Durable is { } engine)
        {
            _hints = engine.Store.Wakeups.Listen(ready =>
            {
                if (!engine.Runner.TryClaimAtOnce(ready))
                {
                    engine.Leases!.Wake();
                }

                Context.Watcher.NotifyAll();
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        _hints?.Dispose();
        foreach (var engine in Engines.All)
        {
            engine.Flusher.Close();
            await engine.StopLoopsAsync();
            engine.StopDeadline();
            await LeaveAsync(engine);
            await engine.Store.DisposeAsync();
        }

        Context.Metrics.Dispose();
        _threads.ForEach(static t => t.Dispose());
    }

    /// <summary>Enqueues came until now, and registered this process again after it had left.</summary>
    private async Task LeaveAsync(StoreEngine engine)
    {
        try
        {
            await engine.Flusher.WhenIdle().WaitAsync(s_farewell, Context.Time);
            await engine.DeregisterAsync().WaitAsync(s_farewell, Context.Time);
        }
        catch (Exception e)
        {
            // The rescue of another process, or of the next one, does it.
            Context.Logger.ShutdownStepFailed(e, "deregister");
        }
        finally
        {
            engine.Flusher.Abandon();
        }
    }

    // On a starter of a test's own everything runs where that says.
    private OwnThreads? ThreadsOf(string queue, QueueOptions options)
    {
        if (options.Threads != QueueThreads.Dedicated || Context.Starter != WorkStarter.ThreadPool)
        {
            return null;
        }

        var threads = new OwnThreads(queue);
        _threads.Add(threads);
        return threads;
    }

    // The application's own Random may throw.
    private static Func<double> Chance(Random? random)
    {
        var own = new LockedRandom();
        return random is null ? own.NextDouble : () =>
        {
            try
            {
                return random.NextDouble();
            }
            catch (Exception)
            {
                return own.NextDouble();
            }
        };
    }

    private bool Offers(QueueSlots queue) =>
        queue.Options.Requires.All(r => _options.Worker.Capabilities.Contains(r, StringComparer.OrdinalIgnoreCase));

    private static bool IsDurable(QueueSlots queue, IJobStore? store) =>
        store is not null && queue.Options.Durability != Durability.InMemory;

    private List<LocalQueue> LocalQueues(IEnumerable<QueueSlots> slots, Func<QueueSlots, bool> works) =>
        [.. slots.Where(works).Select(s => new LocalQueue(s) { Offered = Offers(s) })];

    private WorkerInfo Info(IReadOnlyList<string> queues) =>
        new(StoredText.Shown(_options.Worker.Name) ?? $"{Environment.MachineName}:{Environment.ProcessId}", queues,
            [.. _options.Worker.Capabilities]);
}
