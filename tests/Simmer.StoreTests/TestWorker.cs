using Simmer.Storage;

namespace Simmer.StoreTests;

/// <summary>A worker that does what the engine does, step by step: it numbers its flushes, and knows every kind of the tests.</summary>
public sealed class TestWorker(IJobStore store, WorkerId id, Func<DateTimeOffset> now)
{
    public static readonly IReadOnlyCollection<string> AllKinds = [Some.Kind, "write-letters", "burn-letters"];

    private long _sequence;
    private long _apart;

    public WorkerId Id => id;

    /// <summary>The last flush that it sent, to be repeated.</summary>
    public Flush? LastFlush { get; private set; }

    public ValueTask<FlushReport> FlushAsync(
        IReadOnlyList<Settlement>? settlements = null,
        IReadOnlyList<LeaseToken>? giveBacks = null,
        IReadOnlyList<ProgressNote>? progress = null,
        IReadOnlyList<EnqueueRequest>? enqueues = null,
        IReadOnlyList<WorkflowDraft>? workflows = null,
        IReadOnlyList<ClaimRequest>? claims = null,
        IReadOnlyCollection<string>? kinds = null,
        bool maySuspect = false,
        SuspectRoom room = default)
    {
        room = maySuspect ? new SuspectRoom(1) : room;
        LastFlush = new Flush
        {
            Worker = id,
            Sequence = ++_sequence,
            Settlements = settlements ?? [],
            GiveBacks = giveBacks ?? [],
            Progress = progress ?? [],
            Enqueues = enqueues ?? [],
            Workflows = workflows ?? [],
            Claims = room.Slots == 0
                ? claims ?? []
                : [.. (claims ?? []).Select(static c => c.Suspects > 0 ? c : c with { Suspects = c.Count })],
            Kinds = kinds ?? AllKinds,
            Suspects = room,
        };
        return store.FlushAsync(LastFlush, now(), TestContext.Current.CancellationToken);
    }

    /// <summary>Sends what was blocked once more, beside the other flushes.</summary>
    public ValueTask<FlushReport> FlushApartAsync(
        IReadOnlyList<Settlement>? settlements = null, IReadOnlyList<LeaseToken>? giveBacks = null,
            IReadOnlyList<EnqueueRequest>? enqueues = null, IReadOnlyList<WorkflowDraft>? workflows = null)
    {
        LastFlush = new Flush
        {
            Worker = id,
            Sequence = --_apart,
            IsApart = true,
            Settlements = settlements ?? [],
            GiveBacks = giveBacks ?? [],
            Enqueues = enqueues ?? [],
            Workflows = workflows ?? [],
            Kinds = AllKinds,
        };
        return store.FlushAsync(LastFlush, now(), TestContext.Current.CancellationToken);
    }

    /// <summary>Sends the last flush again, as after a lost answer.</summary>
    public ValueTask<FlushReport> RepeatAsync(bool saysSo = true)
    {
        var last = LastFlush ?? throw new InvalidOperationException("There is no flush to repeat.");
        return store.FlushAsync(
            new Flush
            {
                Worker = last.Worker,
                Sequence = last.Sequence,
                IsRepeat = saysSo,
                IsApart = last.IsApart,
                Settlements = last.Settlements,
                GiveBacks = last.GiveBacks,
                Progress = last.Progress,
                Enqueues = last.Enqueues,
                Workflows = last.Workflows,
                Claims = last.Claims,
                Kinds = last.Kinds,
                Suspects = last.Suspects,
            },
            now(),
            TestContext.Current.CancellationToken);
    }

    public async ValueTask<EnqueueReport> EnqueueAsync(JobDraft job) => (await EnqueueAllAsync(job))[0];

    public async ValueTask<IReadOnlyList<EnqueueReport>> EnqueueAllAsync(params JobDraft[] jobs) =>
        (await FlushAsync(enqueues: [.. jobs.Select(job => new EnqueueRequest(job, false))])).Enqueues;

    public async ValueTask<WorkflowReport> EnqueueAsync(WorkflowDraft workflow) => (await FlushAsync(workflows: [workflow])).Workflows[0];

    public async ValueTask<EnqueueReport> DispatchAsync(JobDraft job) =>
        (await FlushAsync(enqueues: [new EnqueueRequest(job, true)])).Enqueues[0];

    public async ValueTask<IReadOnlyList<JobClaim>> ClaimAsync(int count = 1, string queue = Some.Queue, bool maySuspect = false,
        SuspectRoom room = default) =>
        (await FlushAsync(claims: [new ClaimRequest(queue, count)], maySuspect: maySuspect, room: room)).Claims;

    /// <summary>Enqueues a job and claims it; the queue must be empty.</summary>
    public async ValueTask<JobClaim> StartAsync(JobDraft job)
    {
        (await EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
        return (await ClaimAsync(1, job.Queue)).ShouldHaveSingleItem();
    }

    public async ValueTask<SettleReport> SettleAsync(Settlement settlement) => (await FlushAsync(settlements: [settlement])).Settlements[0];

    public ValueTask<SettleReport> SettleAsync(JobClaim claim, JobState state, TimeSpan? keepFor = null) =>
        SettleAsync(Some.Settlement(claim.Token, state, keepFor: keepFor));

    public async ValueTask<bool> GiveBackAsync(LeaseToken token) => (await FlushAsync(giveBacks: [token])).GiveBacks[0];
}
