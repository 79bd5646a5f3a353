using Simmer.Postgres;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Postgres;

/// <summary>The clock of a process is hours ahead of the server's. Times in the future that the store answers are by the clock of the
/// process, because otherwise it would wake too early or too late.</summary>
public sealed class SkewedCallers : PostgresTest
{
    private static readonly TimeSpan s_ahead = TimeSpan.FromHours(5);
    private static readonly TimeSpan s_delay = TimeSpan.FromHours(2);

    private static DateTimeOffset Theirs => TimeProvider.System.GetUtcNow() + s_ahead;

    [Fact]
    public async Task What_follows_from_a_cancelled_workflow_is_due_by_the_callers_clock()
    {
        var (store, worker) = await StartAsync();
        var flow = await StoreAsync(worker);

        ShouldBeDue((await store.CancelWorkflowAsync(flow.Id, null, Theirs, Token)).Released);
    }

    [Fact]
    public async Task What_follows_from_a_rescue_is_due_by_the_callers_clock()
    {
        var (store, worker) = await StartAsync();
        var flow = await StoreAsync(worker);
        (await worker.ClaimAsync()).ShouldHaveSingleItem();
        _ = await store.CancelAsync([flow.Steps[0].Id], null, Theirs, Token);

        var report = await store.RescueAsync(new RescueRequest([(worker.Id, 0)], TimeSpan.Zero, true), Theirs, Token);

        report.Cancelled.ShouldBe([flow.Steps[0].Id]);
        ShouldBeDue(report.Released);
    }

    [Fact]
    public async Task What_follows_from_a_step_that_has_expired_is_due_by_the_callers_clock()
    {
        var (store, worker) = await StartAsync();
        _ = await StoreAsync(worker, expiresAt: TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));

        var report = await store.PruneAsync(10, Theirs, Token);

        report.Expired.Count.ShouldBe(1);
        ShouldBeDue(report.Released);
    }

    [Fact]
    public async Task A_row_that_is_set_aside_is_looked_at_again_by_the_callers_clock()
    {
        var (_, worker) = await StartAsync();
        _ = await worker.EnqueueAsync(Some.Draft());
        _ = await ExecuteAsync(await ConnectAsync(), "UPDATE job SET tags = 'urgent'");

        var aside = (await worker.FlushAsync(claims: [new ClaimRequest(Some.Queue, 1)])).SetAside.ShouldHaveSingleItem();

        aside.Until.ShouldBe(Theirs, TimeSpan.FromHours(1));
    }

    private static void ShouldBeDue(ReleaseReport released) =>
        released.NextDue.ShouldNotBeNull().ShouldBe(Theirs + s_delay, TimeSpan.FromHours(1));

    private async Task<(PostgresJobStore Store, TestWorker Worker)> StartAsync()
    {
        var store = await OpenAsync(static o => o.LeaseClock = LeaseClock.Database);
        return (store, new TestWorker(store, await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []), Theirs, Token),
            static () => Theirs));
    }

    /// <summary>A step, and one for the end that is due hours after it.</summary>
    private static async Task<WorkflowDraft> StoreAsync(TestWorker worker, DateTimeOffset? expiresAt = null)
    {
        var flow = new Workflow();
        _ = flow.Add("a", new Letter { ExpiresAt = expiresAt });
        _ = flow.Finally(new Letter { Delay = s_delay });
        var draft = SomeFlow.Draft(flow);
        (await worker.EnqueueAsync(draft)).Status.ShouldBe(EnqueueStatus.Stored);
        return draft;
    }
}
