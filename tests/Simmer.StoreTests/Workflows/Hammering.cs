using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

/// <summary>However many parents end at the same instant, what they lead to starts once.</summary>
public abstract class Hammering<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private const int Parents = 2_000;
    private const int Threads = 4;

    [Fact]
    public Task A_joined_step_starts_once_however_many_workers_end_its_parents() => HammerAsync(Store, Store);

    [Fact]
    public async Task A_joined_step_starts_once_however_many_stores_end_its_parents() => await HammerAsync(Store, await ReopenAsync());

    private async Task HammerAsync(IJobStore first, IJobStore second)
    {
        await StoreAsync(Chain.Of(Group.Of(Enumerable.Range(0, Parents).Select(_ => new Letter())))
            .Then(Group.Of().And("join-1", new Letter()).And("join-2", new Letter()).And("join-3", new Letter()))
                .Then("last", new Letter()));
        var started = new ConcurrentBag<string>();
        using var together = new Barrier(Threads);
        var workers = new List<TestWorker>();
        for (var i = 0; i < Threads; i++)
        {
            workers.Add(await NewWorkerAsync(store: i % 2 == 0 ? first : second));
        }

        // Each on a thread of its own: all of them send at the same time.
        await Task.WhenAll(workers.Select((worker, i) => Task.Factory.StartNew(
            () => Work(worker, i, together, started), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        started.ShouldBe(Flow.Steps.Select(s => s.Step!.Name), ignoreOrder: true);
        (await WorkflowAsync()).ShouldSatisfyAllConditions(w => w.State.ShouldBe(WorkflowState.Succeeded),
            w => w.Counts[JobState.Succeeded].ShouldBe(Parents + 4));
    }

    private void Work(TestWorker worker, int number, Barrier together, ConcurrentBag<string> started)
    {
        var held = Claim(Parents / Threads);
        together.SignalAndWait(Token);

        // The shares have different sizes, so that any worker may send the last of all ends.
        for (var size = number + 1; held.Count > 0; size = (size % 37) + 3)
        {
            var share = held[..Math.Min(size, held.Count)];
            held.RemoveRange(0, share.Count);
            var report = worker.FlushAsync(settlements: [.. share.Select(c => End(c))], claims: [new ClaimRequest(Some.Queue, 1)]).AsTask()
                .GetAwaiter().GetResult();
            report.Settlements.ShouldAllBe(s => s.Settled);
            held.AddRange(Started(report.Claims));
        }

        together.SignalAndWait(Token);
        while (Claim(10) is { Count: > 0 } more)
        {
            _ = worker.FlushAsync(settlements: [.. more.Select(c => End(c))]).AsTask().GetAwaiter().GetResult();
        }

        // A worker that found nothing may have looked before the last step was released.
        together.SignalAndWait(Token);
        while (Claim(10) is { Count: > 0 } rest)
        {
            _ = worker.FlushAsync(settlements: [.. rest.Select(c => End(c))]).AsTask().GetAwaiter().GetResult();
        }

        List<JobClaim> Claim(int count) => Started(worker.ClaimAsync(count).AsTask().GetAwaiter().GetResult());

        List<JobClaim> Started(IReadOnlyList<JobClaim> claims)
        {
            foreach (var claim in claims)
            {
                started.Add(claim.Job.Step!.Name);
            }

            return [.. claims];
        }
    }
}
