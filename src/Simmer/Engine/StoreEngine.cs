using Simmer.Context;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Execution.Flushing;
using Simmer.Execution.Intake;
using Simmer.Storage;
using Simmer.Upkeep;
using Simmer.Watching;

namespace Simmer.Engine;

/// <summary>Everything that works on one store in this process: a process has one for its memory, and one for its database. It puts the
/// parts together, each of which takes what it uses.</summary>
internal sealed class StoreEngine
{
    private readonly WorkerRegistration _registration;
    private readonly LeaseDeadline? _deadline;
    private readonly AheadClaims _ahead;
    private readonly RunCancels _cancels;
    private readonly WorkerLoss _loss;
    private readonly Adoption _adoption;
    private readonly Releases _releases;
    private readonly List<BackgroundLoop> _loops;

    public StoreEngine(EngineContext context, IJobStore store, WorkerInfo info, IReadOnlyList<LocalQueue> localQueues, DraftFactory drafts)
    {
        (Context, Store) = (context, store);
        Reads = new StoreReads(store, context.Starter);
        LocalQueue[] queues = [.. localQueues];
        var suspects = new SuspectSet();
        var due = new DueTimes();

        _deadline = store.IsDurable ? LeaseKeeper.DeadlineOf(context.Time, context.Options.Lease) : null;
        _registration = new WorkerRegistration(
            context, store, info with { Lease = context.Options.Lease, Slots = QueueRunner.SlotsOf(queues) }, _deadline);
        Intake = new FlushIntake(context.Time, store.IsDurable);
        Table = new JobTable();
        _ahead = new AheadClaims(queues, suspects, Intake);
        Watch = new RunWatch(context, Table, _ahead, Intake);
        Executor = new JobExecutor(context, store.IsDurable, _registration, new RunEnds(context, Intake, Table));
        Runner = new QueueRunner(
            new RunParts(context, store, drafts, _registration, Intake, Table, Watch, Executor), queues, suspects, _ahead);
        _cancels = new RunCancels(_ahead, Table, Intake);
        _releases = new Releases(Runner, due, context.Watcher);
        _loss = new WorkerLoss(context, store.Name, _registration, Runner, _ahead, Table);
        _adoption = new Adoption(context, store, _registration, Runner, _ahead, Table, Intake);
        SetAside = new SetAsideJobs(context);
        Flusher = new Flusher(context, store, Intake, _registration, Runner, _loss, _adoption, _releases, due, SetAside);

        var clock = new UpkeepClock(context, store);
        Declare = new DeclareQueues(context, store, Runner, _loss);
        _loops =
        [
            Declare,
            Watch,
            new PromoteDue(context, store, _registration, Runner, Intake, due, clock),
            new PruneFinished(context, store, _registration, _releases, Intake, clock),
        ];
        if (_deadline is not null)
        {
            var rescue = new RescueExpired(context, store, _registration, Runner, _releases, Intake);
            Unknown = new TellUnknownKinds(context, store, Runner);
            Leases = new LeaseKeeper(
                context, store, _registration, _deadline, _loss, _cancels, Runner, _ahead, Table, Intake, due, clock, rescue, Unknown);
            _loops.AddRange([Leases, rescue, Unknown]);
        }
    }

    public EngineContext Context { get; }

    public IJobStore Store { get; }

    /// <summary>The reads of clients.</summary>
    public StoreReads Reads { get; }

    /// <summary>What this process wants of the store is handed over here.</summary>
    public FlushIntake Intake { get; }

    public Flusher Flusher { get; }

    public QueueRunner Runner { get; }

    public JobExecutor Executor { get; }

    public JobTable Table { get; }

    public RunWatch Watch { get; }

    /// <summary>What the store leaves alone for a while.</summary>
    public SetAsideJobs SetAside { get; }

    /// <summary>Tells the store what is declared of the queues.</summary>
    public DeclareQueues Declare { get; }

    /// <summary>Keeps the lease; null in memory, where no other process could take a job.</summary>
    public LeaseKeeper? Leases { get; }

    /// <summary>Null in memory, where every job was made by this process.</summary>
    public TellUnknownKinds? Unknown { get; }

    /// <summary>This process's number in the store, if it is registered now.</summary>
    public WorkerId? Registered => _registration.Current;

    public void Start()
    {
        foreach (var loop in _loops)
        {
            loop.Start();
        }

        Intake.RequestFlush();
    }

    public Task StopLoopsAsync() => Task.WhenAll(_loops.Select(static l => l.StopAsync()));

    /// <summary>Stops watching the lease: nothing runs any more.</summary>
    public void StopDeadline() => _deadline?.Dispose();

    /// <summary>This process's number in the store; registers it if need be.</summary>
    public ValueTask<WorkerId> RegisteredAsync() => _registration.GetAsync();

    public Task DeregisterAsync() => _registration.DeregisterAsync();

    /// <summary>The store has declared this worker dead.</summary>
    /// <param name="gone">The number it had.</param>
    public void WorkerGone(WorkerId gone) => _loss.WorkerGone(gone);

    /// <summary>Runs what the store says is this worker's and nobody here knows.</summary>
    public Task AdoptAsync() => _adoption.AdoptAsync();

    /// <summary>Gives back what was claimed ahead.</summary>
    /// <returns>How many jobs.</returns>
    public int GiveBackAhead()
    {
        var claims = _ahead.TakeAll();
        _ahead.GiveBack(claims);
        return claims.Count;
    }

    /// <summary>A cancel was asked for a run of this worker.</summary>
    public void Cancel(LeaseToken token) => _cancels.Cancel(token);

    /// <summary>Steps ended, and others followed.</summary>
    public void Released(ReleaseReport report) => _releases.Tell(report);
}
