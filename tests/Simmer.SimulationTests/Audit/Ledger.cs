using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Flows;
using Simmer.SimulationTests.Running;
using Simmer.Storage;

namespace Simmer.SimulationTests.Audit;

/// <summary>Notes what handlers did and what the store committed, and objects as soon as the two do not agree.</summary>
internal sealed class Ledger
{
    /// <summary>A process that went on after a freeze needs a turn to learn what it missed.</summary>
    private const long Grace = TimeSpan.TicksPerSecond;

    private readonly World _world;
    private readonly Dictionary<JobId, Story> _stories = [];

    public Ledger(World world) => (_world, Flows) = (world, new FlowLedger(world, this));

    public IReadOnlyCollection<Story> Stories => _stories.Values;

    /// <summary>The ledger of the workflows.</summary>
    public FlowLedger Flows { get; }

    /// <summary>The truth, once there is a store.</summary>
    public SharedStore Store { get; set; } = null!;

    public void Add(Story story) => _stories.Add(story.Id, story);

    /// <summary>A step came into the store, perhaps under an id that another had before its workflow was deleted.</summary>
    public void Bind(Story story) => _stories[story.Id] = story;

    public Story Of(JobId id) => _stories[id];

    public HandlerRun Started(SimulatedProcess process, JobId id, int run, int attempt)
    {
        var story = _stories[id];
        var handler = new HandlerRun(story, run, story.NextAct, process, _world.Now);
        _world.Trace.Add($"{process.Name} starts #{story.Name}/{run} attempt {attempt}: {handler.Act}");
        if (!IsExcused(process))
        {
            MustBeOwned("started", process, story, run);
            MustBeAlone(story, run);
        }

        if (story.Runs.Exists(e => e.Run == run))
        {
            _world.Fail($"#{story.Name}/{run} started twice under one run number");
        }

        story.Runs.Add(handler);
        return handler;
    }

    public void Ended(HandlerRun handler, Leaving leaving)
    {
        if (handler.IsRunning && !handler.Process.IsDead)
        {
            (handler.Leaving, handler.EndedAt) = (leaving, _world.Now);
            _world.Trace.Add($"{handler.Process.Name} ends #{handler.Story.Name}/{handler.Run}: {leaving}");
            if (leaving == Leaving.Returned && handler is { Act: Act.Overrun } && handler.Process.ThawedAt < handler.StartedAt)
            {
                _world.Fail($"#{handler.Story.Name}/{handler.Run} went on after its time limit");
            }

            if (leaving != Leaving.Obeyed && handler.Act != Act.Ignore && !IsExcused(handler.Process))
            {
                // Its process must still own the job; otherwise the handler should have been told to stop.
                MustBeOwned("ended", handler.Process, handler.Story, handler.Run);
            }
        }
    }

    public void Died(SimulatedProcess process)
    {
        foreach (var handler in _stories.Values.SelectMany(static s => s.Runs).Where(e => e.IsRunning && e.Process == process))
        {
            (handler.Leaving, handler.EndedAt) = (Leaving.Died, _world.Now);
        }
    }

    /// <summary>Called when a flush was carried out, whether its answer arrives or not.</summary>
    public void Committed(SimulatedProcess process, Flush flush, FlushReport report)
    {
        if (report.WasRepeat)
        {
            return;
        }

        for (var i = 0; i < flush.Settlements.Count; i++)
        {
            if (report.Settlements[i].Settled)
            {
                Settled(process, flush.Settlements[i]);
            }
        }

        for (var i = 0; i < flush.GiveBacks.Count; i++)
        {
            if (report.GiveBacks[i])
            {
                GivenBack(flush.GiveBacks[i]);
            }
        }

        Flows.Committed(flush, report);
    }

    /// <summary>The running jobs with their attempts. The rescue is judged by the difference to them.</summary>
    public Dictionary<JobId, JobRecord> BeforeRescue() => _stories.Values
        .Select(s => Store.Find(s.Id))
        .Where(static r => r?.State == JobState.Running)
        .ToDictionary(static r => r!.Id, static r => r!);

    /// <param name="before">What ran.</param>
    /// <param name="slots">How many jobs a worker runs at once.</param>
    /// <param name="report">What was taken back.</param>
    public void Rescued(Dictionary<JobId, JobRecord> before, int slots, RescueReport report)
    {
        foreach (var group in report.Rescued.Where(_stories.ContainsKey).GroupBy(id => before[id].Worker))
        {
            // Which jobs ran beside each other is judged by what was known before any of them was taken back.
            var suspects = group.Where(id => _stories[id].Deaths > 0).ToList();
            var spent = group.Where(id => Store.Find(id)!.Attempt == before[id].Attempt).ToList();
            foreach (var id in spent)
            {
                var story = _stories[id];
                MustBe(story.Deaths > 0 && slots >> story.Deaths == 0,
                    $"#{story.Name} paid for death {story.Deaths + 1} that it was near, with {slots} slots");
                MustBe(suspects.Count == 1, $"#{story.Name} paid for a death that {suspects.Count - 1} other suspects were near");
                story.Spent++;
            }

            foreach (var story in group.Except(spent).Select(id => _stories[id]))
            {
                MustBe(slots >> story.Deaths > 0,
                    $"#{story.Name} did not pay for death {story.Deaths + 1} that it was near, with {slots} slots");
            }

            foreach (var id in group)
            {
                _stories[id].Deaths++;
            }
        }

        foreach (var id in report.Cancelled.Where(_stories.ContainsKey))
        {
            _stories[id].Spent++;
        }

        Flows.Rescued(report);
    }

    public void Retried(JobId id, RetryResult answer)
    {
        if (answer.Status == RetryStatus.Retried)
        {
            (_stories[id].Spent, _stories[id].Deaths) = (0, 0);
        }

        Flows.Retried(WorkflowId.OfStep(id), force: false, answer);
    }

    public void Deleted(JobId id, int count)
    {
        if (count > 0)
        {
            _stories[id].Delete();
        }
    }

    /// <summary>Whether a process cannot know what has become of its jobs.</summary>
    public bool IsExcused(SimulatedProcess process) => process.IsFrozen || process.IsDead || _world.Now - process.ThawedAt < Grace;

    private void MustBe(bool holds, string otherwise)
    {
        if (!holds)
        {
            _world.Fail(otherwise);
        }
    }

    // A handler may run only what its process owns at this very moment.
    private void MustBeOwned(string what, SimulatedProcess process, Story story, int run)
    {
        var truth = Store.Find(story.Id);
        if (truth is not { State: JobState.Running } || truth.Run != run || truth.Worker != process.Name)
        {
            _world.Fail($"{process.Name} {what} #{story.Name}/{run}, which is {truth?.State.ToString() ?? "gone"} in run {truth?.Run} of "
                + $"{truth?.Worker}");
        }
    }

    private void MustBeAlone(Story story, int run)
    {
        if (story.Runs.Find(e => e.IsRunning && e.Act != Act.Ignore && !IsExcused(e.Process)) is { } other)
        {
            _world.Fail($"#{story.Name}/{run} started while run {other.Run} goes on in {other.Process.Name}");
        }
    }

    private void Settled(SimulatedProcess process, Settlement settlement)
    {
        if (!_stories.TryGetValue(settlement.Token.Id, out var story))
        {
            // Spilled from the memory of a process.
            return;
        }

        story.Deaths = 0;
        story.Spent += settlement.Forgive ? 0 : 1;
        var handler = story.Runs.Find(e => e.Run == settlement.Token.Run);
        if (WhyNot(settlement, handler) is { } why)
        {
            _world.Fail($"{process.Name} settled #{story.Name}/{settlement.Token.Run} as "
                + $"{settlement.State}{(settlement.Forgive ? " (forgiven)" : null)}: "
                + $"{why}{(settlement.Error is { } error ? $" ({error.Type}: {error.Message})" : null)}");
        }
    }

    private static string? WhyNot(Settlement settlement, HandlerRun? handler) => handler switch
    {
        // The results that a step takes are read before its handler starts, which may be refused or take too long.
        null => settlement.State is JobState.Cancelled || settlement.Error?.Type is ErrorTypes.Poison or ErrorTypes.TimeLimit
            || settlement is { Forgive: true, Error: null } ? null : "it never started",
        { Leaving: Leaving.Running or Leaving.Died } => $"its handler has not ended ({handler.Leaving})",
        { Leaving: Leaving.Obeyed } =>
            settlement.State == JobState.Cancelled || settlement.Error?.Type == ErrorTypes.TimeLimit ? null : "it was told to stop",
        { Leaving: Leaving.Threw } =>
            settlement.State == JobState.Cancelled || settlement is { Forgive: false, Error: not null } ? null : "it threw",
        _ => Agrees(settlement, handler.Act) ? null : $"its handler said {handler.Act}",
    };

    private static bool Agrees(Settlement settlement, Act act) => act switch
    {
        Act.Retry => settlement is { Forgive: false, Error.Type: ErrorTypes.Verdict },
        Act.Snooze => settlement is { Forgive: true, State: JobState.Scheduled },
        Act.Fail => settlement.State == JobState.Failed,
        Act.Cancel => settlement.State == JobState.Cancelled,
        _ => settlement.State == JobState.Succeeded,
    };

    private void GivenBack(LeaseToken token)
    {
        if (_stories.TryGetValue(token.Id, out var story) && story.Runs
            .Find(e => e.Run == token.Run) is { Leaving: not (Leaving.Obeyed or Leaving.Threw) } handler)
        {
            _world.Fail($"#{story.Name}/{token.Run} was given back, and its handler: {handler.Leaving}");
        }
    }
}
