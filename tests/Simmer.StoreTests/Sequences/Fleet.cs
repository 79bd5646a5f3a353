using Simmer.Storage;
using Simmer.StoreTests.Graphs;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Sequences;

/// <summary>The state of a sequence for its further steps: known jobs, all leases that were ever given, and the workers with their numbers
/// in both stores.</summary>
internal sealed class Fleet
{
    public static readonly string[] Queues = [Some.Queue, "other"];
    public static readonly string[] Kinds = [.. TestWorker.AllKinds];
    public static readonly TimeSpan[] Keeps = [TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromDays(30)];

    public DateTimeOffset Now { get; set; } = Some.Moment;

    public List<JobId> Jobs { get; } = [];

    /// <summary>Workflows by the ids that were given to them.</summary>
    public List<WorkflowId> Flows { get; } = [];

    /// <summary>The jobs of all steps, in the order of their workflows.</summary>
    public List<JobId> Steps { get; } = [];

    public List<LeaseToken> Leases { get; } = [];

    public List<Member> Members { get; } = [];

    public Member this[int worker] => Members[worker % Members.Count];

    public JobId Job(int which) => Jobs.Count == 0 ? Some.Id(0) : Jobs[which % Jobs.Count];

    /// <summary>A job, or a step of a workflow.</summary>
    public JobId JobOrStep(int which) => Steps.Count > 0 && which % 2 == 1 ? Steps[which / 2 % Steps.Count] : Job(which / 2);

    public WorkflowId Flow(int which) => Flows.Count == 0 ? WorkflowId.OfStep(Some.Id(0)) : Flows[which % Flows.Count];

    public WorkflowDraft Draft(EnqueueFlow enqueue)
    {
        var again = enqueue.Again is { } which && Flows.Count > 0;
        var id = again ? Flow(enqueue.Again!.Value) : WorkflowId.OfStep(Some.Id(500_000 + Flows.Count));
        if (!again)
        {
            Flows.Add(id);
        }

        var random = new Random(enqueue.Graph.Course);
        var draft = SomeFlow.Draft(new FlatGraph(enqueue.Graph).ToWorkflow(() => Letter(enqueue, random)), id, keepSucceeded: Keeps[1],
            keepFailed: Keeps[enqueue.Graph.Course % 2 + 1]);
        Steps.AddRange(draft.Steps.Select(s => s.Id).Except(Steps));
        return draft;
    }

    public JobDraft Draft(Enqueue enqueue)
    {
        var again = enqueue.Again is { } which && Jobs.Count > 0;
        var id = again ? Job(enqueue.Again!.Value) : Some.Id(1_000 + Jobs.Count);
        if (!again)
        {
            Jobs.Add(id);
        }

        return new JobDraft
        {
            Id = id,
            IdGiven = again,
            Kind = Kinds[enqueue.Kind],
            Queue = Queues[enqueue.Queue],
            Priority = enqueue.Priority,
            DueAt = enqueue.Due is { } due ? Now.AddSeconds(due) : null,
            ExpiresAt = enqueue.Expires is { } expires ? Now.AddSeconds(expires) : null,
            UniqueKey = enqueue.Bad ? "a\0b" : enqueue.Key is { } key ? $"key{key}" : null,
            UniqueWhile = enqueue.WhileWaiting ? UniqueWhile.Waiting : UniqueWhile.Unfinished,
            MaxAttempts = 3,
        };
    }

    private Letter Letter(EnqueueFlow enqueue, Random random) =>
        enqueue.Bad ? new Letter(Kind: "a\0b") : enqueue.Graph.Course == 0 ? new Letter() : new Letter(
        Kinds[random.Next(3)],
        Queues[random.Next(2)],
        random.Next(4) == 0 ? random.Next(-1, 2) : 0,
        random.Next(6) == 0 ? TimeSpan.FromSeconds(random.Next(60)) : TimeSpan.Zero,
        random.Next(8) == 0 ? Now.AddSeconds(random.Next(-5, 90)) : null,
        random.Next(8) == 0 ? Now.AddSeconds(random.Next(120)) : null);

    internal sealed class Member(WorkerId model, WorkerId subject)
    {
        public WorkerId Model => model;

        public WorkerId Subject => subject;

        public long Sequence { get; set; }

        public Flush? LastFlush { get; set; }
    }
}
