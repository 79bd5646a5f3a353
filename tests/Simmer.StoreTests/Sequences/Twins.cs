using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Sequences;

/// <summary>Carries every step out on the model and on the store under test, and compares what they say and what they hold.</summary>
/// <param name="model">The model.</param>
/// <param name="subject">The store under test.</param>
/// <param name="record">Receives every answer of the store under test, and what it holds after each step; null: they are not
/// recorded.</param>
internal sealed class Twins(IJobStore model, IJobStore subject, Action<string>? record = null)
{
    private long _lastApart;
    private int _declarations;
    private readonly Fleet _fleet = new();
    private readonly HashSet<LeaseToken> _given = [];

    private static CancellationToken Token => CancellationToken.None;

    public async Task RunAsync(Sequence sequence)
    {
        await StepAsync(new Register());
        foreach (var step in sequence.Steps)
        {
            await StepAsync(step);
            Agree(step, "the browser", await ViewAsync(model), await ViewAsync(subject));
        }
    }

    private Task StepAsync(Step step) => step switch
    {
        Pass pass => Task.FromResult(_fleet.Now = _fleet.Now.AddSeconds(pass.Seconds)),
        Register => RegisterAsync(),
        Send send => SendAsync(send),
        Repeat repeat => RepeatAsync(repeat),
        Rescue rescue => RescueAsync(rescue),
        Deregister leave => BothAsync(leave, async (store, id) =>
        {
            await store.DeregisterAsync(id(_fleet[leave.Worker]), _fleet.Now, Token);
            return "";
        }),
        Beat beat => BothAsync(beat,
            async (store, id) => Wording.Of(await store.BeatAsync(new BeatRequest(id(_fleet[beat.Worker]), []), _fleet.Now, Token))),
        Look look => BothAsync(look, async (store, id) => Wording.Of(await store.PollAsync(id(_fleet[look.Worker]), _fleet.Now, Token))),
        Promote promote =>
            BothAsync(promote, async (store, _) => Wording.Of(await store.PromoteDueAsync(promote.Limit, _fleet.Now, Token))),
        Prune => BothAsync(step, async (store, _) => Wording.Of(await store.PruneAsync(1_000, _fleet.Now, Token))),
        Cancel cancel => BothAsync(cancel, async (store, id) =>
        {
            await KeepAsync(store, Fleet.Keeps[cancel.Keep]);
            var report = (await store.CancelAsync([_fleet.JobOrStep(cancel.Job)], "not wanted", _fleet.Now, Token))[0];
            await KeepAsync(store, StoreRules.KeptByDefault);
            return $"{report.Result} owner {_fleet.Members.FindIndex(m => id(m) == report.Owner)} run {report.Run}";
        }),
        Retry retry =>
            BothAsync(retry, async (store, _) => Wording.Of((await store.RetryAsync([_fleet.JobOrStep(retry.Job)], _fleet.Now, Token))[0])),
        Delete delete =>
            BothAsync(delete, async (store, _) => $"{await store.DeleteAsync([_fleet.JobOrStep(delete.Job)], _fleet.Now, Token)}"),
        CancelFlow cancel => BothAsync(cancel, async (store, id) =>
            Wording.Of(await store.CancelWorkflowAsync(_fleet.Flow(cancel.Flow), "not wanted", _fleet.Now, Token),
                owner => _fleet.Members.FindIndex(m => id(m) == owner))),
        RetryFlow retry => BothAsync(retry, async (store, _) =>
        {
            var flow = _fleet.Flow(retry.Flow);
            return Wording.Of(await store
                .RetryWorkflowAsync(new WorkflowRetryRequest(flow, retry.Step is { } step ? flow.Step(step) : null, retry.Force),
                _fleet.Now, Token));
        }),
        DeleteFlow delete =>
            BothAsync(delete, async (store, _) => $"{await store.DeleteWorkflowAsync(_fleet.Flow(delete.Flow), _fleet.Now, Token)}"),
        Pause pause => BothAsync(pause, async (store, _) =>
        {
            var queue = Fleet.Queues[pause.Queue];
            await (pause.Paused
                ? store.PauseQueueAsync(queue, "to see", "a tester", _fleet.Now, Token)
                : store.ResumeQueueAsync(queue, _fleet.Now, Token));
            return "";
        }),
        _ => throw new NotSupportedException($"{step}"),
    };

    private async Task RegisterAsync()
    {
        var info = new WorkerInfo("worker", Fleet.Queues, []) { Slots = 4 };
        _fleet.Members.Add(new(await model.RegisterAsync(info, _fleet.Now, Token), await subject.RegisterAsync(info, _fleet.Now, Token)));
    }

    private async Task SendAsync(Send send)
    {
        var member = _fleet[send.Worker];

        // At most one operation a job and batch is the caller's duty.
        var taken = new HashSet<JobId>();
        var claims = (await model.ClaimsOfAsync(member.Model, Token)).Claims;
        var held = claims.Select(c => c.Token).OrderBy(t => t.Id).ToList();
        StepDraft? StepOf(LeaseToken token) => claims.FirstOrDefault(c => c.Token == token)?.Job.Step;
        LeaseToken Find(Lease lease) =>
            (lease.Wild ? _fleet.Leases : held) is { Count: > 0 } leases ? leases[lease.Which % leases.Count] : new(Some.Id(0), 1);

        // The requests of one call stand together in a batch; a store may store them as one operation.
        var enqueues = send.Enqueues.OrderBy(e => e.Group);
        List<Settlement> settlements =
            [.. send.Settles.Select(s => (Settle: s, Token: Find(s.Lease))).Select(s => Settlement(s.Settle, s.Token, StepOf(s.Token)))
                .Where(s => taken.Add(s.Token.Id))];
        List<LeaseToken> giveBacks = [.. send.GiveBacks.Select(Find).Where(t => taken.Add(t.Id))];

        var flush = new Flush
        {
            Worker = member.Model,
            Sequence = ++member.Sequence,
            Settlements = settlements,
            GiveBacks = giveBacks,
            Progress = [.. send.Notes.Select(Find).Where(t => taken.Add(t.Id)).Select(t => new ProgressNote(t, 0.5, "half", false))],
            Enqueues = [.. enqueues.Select(e => new EnqueueRequest(_fleet.Draft(e), e.Dispatch, e.Group)).Where(e => taken.Add(e.Job.Id))],
            Workflows = [.. send.Flows.Select(_fleet.Draft).DistinctBy(f => f.Id)],
            Claims = [.. send.Claims.Select((count, queue) => new ClaimRequest(Fleet.Queues[queue], count, Math.Min(count, send.Slots)))
                .Where(c => c.Count > 0)],
            Kinds = Fleet.Kinds[..send.Kinds],
            Suspects = new SuspectRoom(send.Slots),
        };
        member.LastFlush = flush;
        var report = await model.FlushAsync(flush, _fleet.Now, Token);
        var other = await subject.FlushAsync(With(flush, member.Subject, false), _fleet.Now, Token);
        Agree(send, "the flush", Wording.Of(report), Wording.Of(other));
        await RememberAsync(flush, report);
    }

    private async Task RepeatAsync(Repeat repeat)
    {
        var member = _fleet[repeat.Worker];
        if (member.LastFlush is { } flush)
        {
            Agree(
                repeat,
                "the repeat",
                Wording.Of(await model.FlushAsync(With(flush, member.Model, true), _fleet.Now, Token)),
                Wording.Of(await SentOnceMoreAsync(flush, member.Subject,
                    await subject.FlushAsync(With(flush, member.Subject, true), _fleet.Now, Token))));
        }
    }

    // The model stores at once what the flush had not. A store may ask for it to be sent once more instead; the engine does it apart.
    private async Task<FlushReport> SentOnceMoreAsync(Flush flush, WorkerId worker, FlushReport report)
    {
        var places = report.Blocked.Enqueues.Order().ToList();
        var flows = report.Blocked.Workflows.Order().ToList();
        if (places.Count + flows.Count == 0)
        {
            return report;
        }

        var again = await subject.FlushAsync(
            new Flush { Worker = worker, Sequence = --_lastApart, IsApart = true, Kinds = flush.Kinds,
                Enqueues = [.. places.Select(i => flush.Enqueues[i] with { Dispatch = false })],
                Workflows = [.. flows.Select(i => flush.Workflows[i])] }, _fleet.Now, Token);
        return new()
        {
            WorkerGone = report.WorkerGone,
            WasRepeat = report.WasRepeat,
            Settlements = report.Settlements,
            GiveBacks = report.GiveBacks,
            Enqueues = [.. report.Enqueues.Select((e, i) => places.IndexOf(i) is >= 0 and var place ? again.Enqueues[place] : e)],
            Workflows = [.. report.Workflows.Select((w, i) => flows.IndexOf(i) is >= 0 and var place ? again.Workflows[place] : w)],
            Released = report.Released,
            Claims = report.Claims,
            Expired = report.Expired,
        };
    }

    private Task RescueAsync(Rescue rescue) => BothAsync(rescue, async (store, id) =>
    {
        var worker = id(_fleet[rescue.Worker]);
        var beats = (await store.Browser.WorkersAsync(_fleet.Now, Token)).FirstOrDefault(w => w.Id == worker)?.Beats ?? 0;
        var request = new RescueRequest([(worker, rescue.Stale ? beats - 1 : beats)], Some.Lease, true);
        await KeepAsync(store, Fleet.Keeps[1]);
        var report = await store.RescueAsync(request, _fleet.Now, Token);
        await KeepAsync(store, StoreRules.KeptByDefault);
        return Wording.Of(report);
    });

    /// <summary>What ends as cancelled without a settlement is kept for so long from now on.</summary>
    private async Task KeepAsync(IJobStore store, TimeSpan time) =>
        _ = await store.PutQueuesAsync([.. Fleet.Queues.Select(queue => new QueuePolicy(queue) { KeepFailed = time })],
            new Version(1, ++_declarations), _fleet.Now, Token);

    /// <summary>The token is never given twice while the job exists: rule 1, checked on the model itself.</summary>
    private async Task RememberAsync(Flush flush, FlushReport report)
    {
        var dispatched = report.Enqueues.Where(e => e.Status == EnqueueStatus.Dispatched).Select(e => new LeaseToken(e.Id, 1)).ToList();
        foreach (var stored in flush.Enqueues.Zip(report.Enqueues)
            .Where(e => e.Second.Status is EnqueueStatus.Stored or EnqueueStatus.Dispatched))
        {
            // Stored anew after it was forgotten: its runs begin again.
            _ = _given.RemoveWhere(t => t.Id == stored.First.Job.Id);
        }

        foreach (var stored in report.Workflows.Where(w => w.Status == EnqueueStatus.Stored))
        {
            _ = _given.RemoveWhere(t => WorkflowId.OfStep(t.Id) == stored.Id);
        }

        foreach (var lease in dispatched.Concat(report.Claims.Select(c => c.Token)))
        {
            _given.Add(lease).ShouldBeTrue($"{Wording.Of(lease.Id)} was given twice as run {lease.Run}");
            _fleet.Leases.Add(lease);
        }

        var records = await model.Browser.ListAsync(new JobQuery { Limit = 1_000 }, Token);
        records.ShouldAllBe(r => r.Attempt >= 0 && r.Attempt <= r.Run);
        records.Where(r => r.UniqueKey is not null && !r.State.IsFinal()).Select(r => (r.Kind, r.UniqueKey)).ShouldBeUnique();
    }

    private async Task BothAsync(Step step, Func<IJobStore, Func<Fleet.Member, WorkerId>, Task<string>> act) =>
        Agree(step, "the answer", await act(model, m => m.Model), await act(subject, m => m.Subject));

    private async Task<string> ViewAsync(IJobStore store)
    {
        var jobs = await store.Browser.GetAsync(_fleet.Jobs, Token);
        var flows = new List<string>();
        foreach (var id in _fleet.Flows)
        {
            flows.Add(await store.Browser.WorkflowAsync(id, counted: true, Token) is { } flow ? Wording.Of(flow) : "-");
            flows.AddRange((await store.Browser.StepsAsync(id, null, Token)).Select(Wording.Of));
        }

        var listed = await store.Browser.ListAsync(new JobQuery { Limit = 1_000 }, Token);
        var counts = await store.Browser.CountAsync(Token);
        var queues = await store.Browser.QueuesAsync(Token);
        var workers = await store.Browser.WorkersAsync(_fleet.Now, Token);
        return string.Join(
            Environment.NewLine,
            [
                .. jobs.Select(job => job is null ? "-" : Wording.Of(job)),
                .. flows,
                .. listed.Select(job => Wording.Of(job.Id)),
                .. counts.Select(c => $"{c.Queue} {c.State} {c.Count}").Order(),
                .. queues.Where(q => q.Paused || q.Ready > 0).Select(q => $"{q.Name} paused {q.Paused} ready {q.Ready}").Order(),
                .. workers.OrderBy(w => w.Id.Value).Select(w => $"beats {w.Beats} age {w.BeatAge.TotalSeconds:0} running {w.Running}"),
            ]);
    }

    private Settlement Settlement(Settle settle, LeaseToken token, StepDraft? step) => Some.Settlement(
        token,
        settle.State,
        settle.State == JobState.Scheduled ? TimeSpan.FromSeconds(20) : null,
        settle.Forgive,
        settle.Error ? Some.Error(token.Run) : null,
        settle.State.IsFinal() ? "said so" : null,
        Fleet.Keeps[settle.Keep],
        Fleet.Keeps[2 - settle.Keep],
        settle.State == JobState.Succeeded ? "1"u8.ToArray() : null,
        step,
        settle.Branch,
        settle.Added == 0 ? null : SomeFlow.Added(settle.Added == 1 ? ["x"] : ["x", "y after x"]));

    private static Flush With(Flush flush, WorkerId worker, bool isRepeat) => new()
    {
        Worker = worker,
        Sequence = flush.Sequence,
        IsRepeat = isRepeat,
        Settlements = flush.Settlements,
        GiveBacks = flush.GiveBacks,
        Progress = flush.Progress,
        Enqueues = flush.Enqueues,
        Workflows = flush.Workflows,
        Claims = flush.Claims,
        Kinds = flush.Kinds,
        Suspects = flush.Suspects,
    };

    private void Agree(Step step, string what, string expected, string actual)
    {
        record?.Invoke(actual);
        if (expected != actual)
        {
            throw new ShouldAssertException(
                $"After {step}{Environment.NewLine}the stores differ in {what}. The "
                + $"model:{Environment.NewLine}{expected}{Environment.NewLine}The store:{Environment.NewLine}{actual}");
        }
    }
}
