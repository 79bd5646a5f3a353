using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Two workers run the same job, because the first was taken for dead. Only one of them has the effect.</summary>
public abstract class LateWorkerTests<TDatabase> : CompleteWithinTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private readonly Signal _started = new();
    private readonly Signal _goOn = new();

    [Fact]
    [Trait("Rule", "9")]
    public async Task The_effect_of_a_worker_that_comes_too_late_is_rolled_back()
    {
        Exception? error = null;
        await using var late = await StartAsync(async (job, context) =>
        {
            _started.Set();
            await _goOn.WaitAsync(Cancelled);
            try
            {
                await Own.AddAndCompleteAsync(context, "late");
            }
            catch (Exception e)
            {
                error = e;
                throw;
            }
        });
        var end = await RescuedAsync(late, "in time");

        _goOn.Set();
        await late.Node.Durable!.Table.WhenEmpty();

        error.ShouldBeOfType<LeaseLostException>().ShouldSatisfyAllConditions(
            e => (e.Id, e.Run, e.State).ShouldBe((end.Id, 1, JobState.Succeeded)),
            static e => e.Message.ShouldContain("the job is Succeeded by now"));
        late.Log.Lines.ShouldContain(static l => l.EventId == LeaseLost);
        (end.State, end.Run, end.Attempt).ShouldBe((JobState.Succeeded, 2, 1));
        Own.Rows.ShouldBe(["in time"]);
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task It_cannot_commit_even_if_it_does_not_let_the_exception_pass()
    {
        Exception? commit = null;
        await using var late = await StartAsync(async (job, context) =>
        {
            _started.Set();
            await _goOn.WaitAsync(Cancelled);
            var transaction = Own.Add(context, "late");
            await Should.ThrowAsync<LeaseLostException>(context.CompleteWithinAsync(transaction, Cancelled));
            commit = await Record.ExceptionAsync(() => transaction.CommitAsync(Cancelled));
        });
        var end = await RescuedAsync(late, "in time");

        _goOn.Set();
        await late.Node.Durable!.Table.WhenEmpty();

        commit.ShouldBeOfType<InvalidOperationException>();
        Own.Rows.ShouldBe(["in time"]);
        (await late.Jobs.GetAsync(end.Id, Cancelled))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => j.Run.ShouldBe(2));
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_transaction_that_was_rolled_back_before_the_rescue_does_not_pass_for_the_other_workers_success()
    {
        await using var late = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, "late");
            await context.CompleteWithinAsync(transaction, Cancelled);
            await transaction.RollbackAsync(Cancelled);
            _started.Set();
            await _goOn.WaitAsync(Cancelled);
        });
        var end = await RescuedAsync(late, "in time");

        _goOn.Set();
        await late.Node.Durable!.Table.WhenEmpty();

        end.Run.ShouldBe(2);
        late.Log.Lines.ShouldContain(static l => l.EventId == LeaseLost);
        late.Log.Lines.ShouldNotContain(static l => l.Text.Contains("ended Succeeded", StringComparison.Ordinal));
        Own.Rows.ShouldBe(["in time"]);
    }

    /// <summary>Has a job started by the one, rescued, and done by another.</summary>
    private async Task<JobRecord> RescuedAsync(EngineHost late, string what)
    {
        _ = Own;
        var handle = await late.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await _started.WaitAsync();
        late.Node.Durable!.Runner.Stop();
        await DeclareDeadAsync(late);
        await using var other = await StartAsync((job, context) => Own.AddAndCompleteAsync(context, what));
        return (await other.Jobs.WaitAsync(handle.Id, Cancelled))!;
    }

    /// <summary>Declares a worker dead, whose handlers do not know it yet.</summary>
    private static async Task DeclareDeadAsync(EngineHost host)
    {
        var store = host.Node.Durable!.Store;
        var worker = (await store.Browser.WorkersAsync(host.Node.Context.Now, Cancelled)).Single(w => w.Id == host.Node.Durable.Registered);
        await store.RescueAsync(new RescueRequest([(worker.Id, worker.Beats)], TimeSpan.Zero, SweepOrphans: false),
            host.Node.Context.Now, Cancelled);
    }
}
