using Simmer.Storage;

namespace Simmer.StoreTests.Sequences;

/// <summary>What a sequence has made so far, as its steps see it: known jobs, leases ever given, workers with their numbers in both stores.</summary>
internal sealed class Fleet
{
    public static readonly string[] Queues = [Some.Queue, "other"];
    public static readonly string[] Kinds = [.. TestWorker.AllKinds];
    public static readonly TimeSpan[] Keeps = [TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromDays(30)];

    public DateTimeOffset Now { get; set; } = Some.Moment;

    public List<JobId> Jobs { get; } = [];

    public List<LeaseToken> Leases { get; } = [];

    public List<Member> Members { get; } = [];

    public Member this[int worker] => Members[worker % Members.Count];

    public JobId Job(int which) => Jobs.Count == 0 ? Some.Id(0) : Jobs[which % Jobs.Count];

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

    internal sealed class Member(WorkerId model, WorkerId subject)
    {
        public WorkerId Model => model;

        public WorkerId Subject => subject;

        public long Sequence { get; set; }

        public Flush? LastFlush { get; set; }
    }
}
