using FsCheck;
using FsCheck.Fluent;

namespace Simmer.StoreTests.Sequences;

/// <summary>A random life of a small fleet; printed one step a line when it shows a difference.</summary>
public sealed record Sequence(IReadOnlyList<Step> Steps)
{
    private static readonly Gen<bool> s_coin = Gen.Elements(true, false);
    private static readonly Gen<bool> s_seldom = Gen.Choose(0, 7).Select(n => n == 0);
    private static readonly Gen<int> s_which = Gen.Choose(0, 99);

    // Biased to the first worker: long lives find more than many short ones.
    private static readonly Gen<int> s_worker = Gen.Elements(0, 0, 0, 1, 1, 2);

    private static readonly Gen<Lease> s_lease =
        from which in s_which
        from wild in s_seldom
        select new Lease(which, wild);

    private static readonly Gen<Settle> s_settle =
        from lease in s_lease
        from state in Gen.Elements(JobState.Succeeded, JobState.Succeeded, JobState.Failed, JobState.Cancelled, JobState.Scheduled,
            JobState.Ready)
        from forgive in s_seldom
        from error in s_coin
        from keep in Gen.Choose(0, 2)
        from branch in Gen.Elements(null, null, "x", "y")
        from added in Gen.Elements(0, 0, 0, 0, 1, 2)
        select new Settle(lease, state, forgive && !state.IsFinal(), error, keep, branch, added);

    private static readonly Gen<Enqueue> s_enqueue =
        from again in Maybe(10, s_which)
        from kind in Gen.Choose(0, 2)
        from queue in Gen.Choose(0, 1)
        from priority in Gen.Elements(0, 0, 0, 1, -1)
        from due in Maybe(4, Gen.Choose(-5, 60))
        from expires in Maybe(5, Gen.Choose(0, 60))
        from key in Maybe(3, Gen.Choose(0, 1))
        from whileWaiting in s_coin
        from dispatch in s_coin
        from bad in Gen.Choose(0, 30)
        from grouped in Gen.Choose(0, 5)
        select new Enqueue(again, kind, queue, priority, due, expires, key, whileWaiting, dispatch, bad == 0,
            grouped is 1 or 2 ? grouped : 0);

    private static readonly Gen<EnqueueFlow> s_flow =
        from again in Maybe(10, s_which)
        from graph in Graphs.RandomGraph.UpTo(4)
        from bad in Gen.Choose(0, 30)
        select new EnqueueFlow(again, graph, bad == 0);

    private static readonly Gen<Step> s_send =
        from worker in s_worker
        from settles in UpTo(3, s_settle)
        from giveBacks in UpTo(1, s_lease)
        from notes in UpTo(1, s_lease)
        from enqueues in UpTo(4, s_enqueue)
        from flows in Gen.Choose(0, 3).SelectMany(n => n == 0 ? UpTo(2, s_flow) : Gen.Constant<EnqueueFlow[]>([]))
        from first in Gen.Choose(0, 3)
        from second in Gen.Choose(0, 2)
        from kinds in Gen.Elements(3, 3, 3, 2, 1)
        from slots in Gen.Elements(0, 0, 1, 4)
        select (Step)new Send(worker, settles, giveBacks, notes, enqueues, flows, [first, second], kinds, slots);

    private static readonly Gen<Step> s_step = Gen.Frequency(
        (14, s_send),
        (4, Gen.Choose(1, 60).Select(Step (seconds) => new Pass(seconds))),
        (3, Gen.Elements(1, 2, 100).Select(Step (limit) => new Promote(limit))),
        (2, s_worker.Select(Step (worker) => new Repeat(worker))),
        (2, s_which.SelectMany(job => Gen.Choose(0, 2), Step (job, keep) => new Cancel(job, keep))),
        (2, s_which.Select(Step (job) => new Retry(job))),
        (1, s_which.Select(Step (job) => new Delete(job))),
        (1, s_which.Select(Step (flow) => new CancelFlow(flow))),
        (2, s_which.SelectMany(flow => Maybe(2, Gen.Choose(1, 8)).SelectMany(step => s_coin, (step, force) => (step, force)),
            Step (flow, how) => new RetryFlow(flow, how.step, how.force))),
        (1, s_which.Select(Step (flow) => new DeleteFlow(flow))),
        (2, s_worker.Select(Step (worker) => new Beat(worker))),
        (1, s_worker.Select(Step (worker) => new Look(worker))),
        (4, s_worker.SelectMany(worker => s_seldom, Step (worker, stale) => new Rescue(worker, stale))),
        (1, Gen.Constant<Step>(new Prune())),
        (1, Gen.Constant<Step>(new Register())),
        (1, s_worker.Select(Step (worker) => new Deregister(worker))),
        (1, Gen.Choose(0, 1).SelectMany(queue => Gen.Choose(0, 2), Step (queue, paused) => new Pause(queue, paused == 0))));

    public static Arbitrary<Sequence> Any { get; } =
        Arb.From(Gen.Choose(1, 50).SelectMany(length => s_step.ListOf(length)).Select(steps => new Sequence(steps)), Shrink);

    public override string ToString() => string.Concat(Steps.Select(step => $"{Environment.NewLine}  {step}"));

    /// <summary>First without whole stretches, then without single steps, then with simpler ones.</summary>
    private static IEnumerable<Sequence> Shrink(Sequence sequence)
    {
        var steps = sequence.Steps;
        for (var length = steps.Count / 2; length > 0; length /= 2)
        {
            for (var start = 0; start + length <= steps.Count; start += length)
            {
                yield return new Sequence([.. steps.Take(start), .. steps.Skip(start + length)]);
            }
        }

        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var simpler in steps[i].Simpler())
            {
                yield return new Sequence([.. steps.Take(i), simpler, .. steps.Skip(i + 1)]);
            }
        }
    }

    private static Gen<T[]> UpTo<T>(int most, Gen<T> item) => Gen.Choose(0, most).SelectMany(item.ArrayOf);

    private static Gen<int?> Maybe(int oneIn, Gen<int> value) =>
        Gen.Choose(1, oneIn).SelectMany(n => value, (n, v) => n == 1 ? v : (int?)null);
}
