using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Graphs;

/// <summary>One random course of a workflow: workers claim its steps, end them in batches of any size, say things twice, give steps back,
/// and die.</summary>
internal sealed class Course(IJobStore store, RandomGraph random)
{
    private readonly Random _random = new(random.Course);
    private readonly FlatGraph _graph = new(random);
    private readonly List<Member> _members = [];
    private readonly HashSet<string> _settled = [];
    private DateTimeOffset _now = Some.Moment;
    private WorkflowDraft _draft = null!;
    private Evaluation _expected = null!;

    public async Task RunAsync()
    {
        _draft = SomeFlow.Draft(_graph.ToWorkflow());
        await JoinAsync();
        await JoinAsync();
        (await _members[0].Worker.EnqueueAsync(_draft)).Status.ShouldBe(EnqueueStatus.Stored);
        await RoundAsync(0);
        if (_expected.State == WorkflowState.Succeeded)
        {
            return;
        }

        // If only an undo step failed, nothing is retried. Otherwise everything else that failed runs again, whatever was undone.
        var retry = await store.RetryWorkflowAsync(new WorkflowRetryRequest(_draft.Id, null, Force: true), _now, default);
        retry.Status.ShouldBe(_expected.Names.Any(n => !n.EndsWith("/undo", StringComparison.Ordinal) && _expected[n].CanRetry())
            ? RetryStatus.Retried
            : RetryStatus.NotRetryable);
        if (retry.Status == RetryStatus.Retried)
        {
            await RoundAsync(1);
        }
    }

    private async Task RoundAsync(int round)
    {
        _expected = new Evaluation(_graph, round, round == 0 ? null : _expected);
        _settled.Clear();
        for (var turn = 0; (await store.Browser.WorkflowAsync(_draft.Id, counted: true, default))!.State == WorkflowState.Running; turn++)
        {
            turn.ShouldBeLessThan(3_000, "the workflow does not end");
            await TurnAsync(_members[_random.Next(_members.Count)], hurry: turn > 300);
        }

        var steps = await store.Browser.StepsAsync(_draft.Id, null, default);
        var actual = steps.OrderBy(s => s.Step.Name, StringComparer.Ordinal).Select(s => $"{s.Step.Name} {s.Job.State}");
        var expected = _expected.Names.Order(StringComparer.Ordinal).Select(name => $"{name} {_expected[name]}");
        string.Join(Environment.NewLine, actual).ShouldBe(string.Join(Environment.NewLine, expected), $"in round {round}");
        var workflow = (await store.Browser.WorkflowAsync(_draft.Id, counted: true, default))!;
        (workflow.State, workflow.Progress, workflow.StepCount).ShouldBe((_expected.State, 1, steps.Count), $"in round {round}");
    }

    private async Task TurnAsync(Member member, bool hurry)
    {
        switch (hurry ? 0 : _random.Next(12))
        {
            case 0 when _random.Next(4) == 0 && !hurry:
                await DieAsync(member);
                break;
            case 1 when member.Worker.LastFlush is not null:
                _ = await member.Worker.RepeatAsync();
                break;
            case 2 when member.Held.Count > 0:
                await InterruptAsync(member, Take(member));
                break;
            default:
                await FlushAsync(member);
                break;
        }
    }

    private async Task FlushAsync(Member member)
    {
        var ending = new List<JobClaim>();
        while (member.Held.Count > 0 && _random.Next(3) > 0)
        {
            ending.Add(Take(member));
        }

        // Noted before the flush is sent, because what it releases may be claimed in the same flush.
        foreach (var claim in ending)
        {
            var name = claim.Job.Step!.Name;
            _settled.Add(name).ShouldBeTrue($"{name} ended twice");
        }

        var report = await member.Worker
            .FlushAsync(settlements: [.. ending.Select(Settlement)], claims: [new ClaimRequest(Some.Queue, _random.Next(4))],
            maySuspect: true);
        report.Settlements.ShouldAllBe(s => s.Settled);
        foreach (var claim in report.Claims)
        {
            Check(claim.Job.Step!);
            member.Held.Add(claim);
        }
    }

    /// <summary>A step may only start when it is to run, and all before it that run have ended.</summary>
    private void Check(StepDraft step)
    {
        var name = step.Name;
        _ = _expected.Run(name).ShouldNotBeNull($"{name} must not run");
        _settled.ShouldNotContain(name);
        if (step.Role == StepRole.Step)
        {
            var parents = _graph.Steps.Find(s => s.Name == name)?.Parents.Select(p => p.Step.Name) ?? [];
            parents.Where(p => _expected.Run(p) is not null && !_settled.Contains(p)).ShouldBeEmpty($"{name} starts too early");
            return;
        }

        var later = _draft.Steps.Where(s => s.Step!.Role != StepRole.Step && s.Step.Number >= step.Number).Select(s => s.Step!.Name)
            .ToHashSet();
        _expected.Names.Where(n => !later.Contains(n) && _expected.Run(n) is not null && !_settled.Contains(n))
            .ShouldBeEmpty($"{name} starts too early");
    }

    private Settlement Settlement(JobClaim claim)
    {
        var outcome = _expected.Run(claim.Job.Step!.Name)!;
        IReadOnlyList<JobDraft> added = outcome.Added == 0 ? [] :
            SomeFlow.Added([.. Enumerable.Range(1, outcome.Added).Select(i => Evaluation.AddedName(claim.Job.Step.Name, i))]);
        return Some.Settlement(claim.Token, outcome.State, keepFor: TimeSpan.Zero, step: claim.Job.Step, branch: outcome.Branch,
            added: added);
    }

    /// <summary>Its attempt does not count, or is repeated.</summary>
    private async Task InterruptAsync(Member member, JobClaim claim)
    {
        if (_random.Next(2) == 0)
        {
            (await member.Worker.GiveBackAsync(claim.Token)).ShouldBeTrue();
            return;
        }

        var state = _random.Next(2) == 0 ? JobState.Ready : JobState.Scheduled;
        _ = await member.Worker.SettleAsync(Some.Settlement(claim.Token, state, TimeSpan.Zero, forgive: true, step: claim.Job.Step));
        _ = await store.PromoteDueAsync(100, _now, default);
    }

    /// <summary>A worker is declared dead; what it says afterwards is not heard.</summary>
    private async Task DieAsync(Member member)
    {
        _ = _members.Remove(member);
        await JoinAsync();
        _now += Some.Lease;
        var beats = (await store.Browser.WorkersAsync(_now, default)).Single(w => w.Id == member.Worker.Id).Beats;
        var report = await store
            .RescueAsync(new RescueRequest([(member.Worker.Id, beats)], Some.Lease, SweepOrphans: false), _now, default);
        report.Rescued.Count.ShouldBe(member.Held.Count);
        var late = await member.Worker.FlushAsync(settlements: [.. member.Held.Select(Settlement)]);
        late.WorkerGone.ShouldBeTrue();
        late.Settlements.ShouldAllBe(s => !s.Settled);
    }

    private async Task JoinAsync()
    {
        var id = await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []), _now, default);
        _members.Add(new Member(new TestWorker(store, id, () => _now)));
    }

    private JobClaim Take(Member member)
    {
        var at = _random.Next(member.Held.Count);
        var claim = member.Held[at];
        member.Held.RemoveAt(at);
        return claim;
    }

    private sealed record Member(TestWorker Worker)
    {
        public List<JobClaim> Held { get; } = [];
    }
}
