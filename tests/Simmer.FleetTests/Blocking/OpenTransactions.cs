using Simmer.FleetTests.Hosts;

namespace Simmer.FleetTests.Blocking;

/// <summary>The application leaves a transaction open. A process that needs the locked rows goes on with everything else.</summary>
[Trait("Rule", "16")]
public sealed class OpenTransactions : HostTest
{
    private const int Many = 200;

    private static readonly EnqueueOptions s_keyed = new() { UniqueKey = "order-1" };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hundreds_of_jobs_are_done_while_a_key_is_held_and_then_it_is_decided_who_has_it(bool commits)
    {
        await using var host = await StartAsync(static s => Patiently(s));
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var holder = await host.Jobs.Within(transaction)
            .EnqueueAsync(new Note("holder"), new EnqueueOptions { UniqueKey = s_keyed.UniqueKey, Delay = TimeSpan.FromDays(1) }, Token);
        var beats = await BeatsAsync();

        var blocked = host.Jobs.EnqueueAsync(new Note("blocked"), s_keyed, Token);
        await DoAsync(host, Many, "free");
        await BecomesAsync(await ConnectAsync(), $"(SELECT sum(beats) > {beats} FROM simmer.worker)");
        blocked.IsCompleted.ShouldBeFalse();
        await (commits ? transaction.CommitAsync(Token) : transaction.RollbackAsync(Token));

        var handle = await blocked;
        (handle.IsDuplicate, handle.Id == holder.Id).ShouldBe((commits, commits));
        if (!commits)
        {
            await handle.WaitAsync(Token);
        }

        Notes.Count(static n => n.StartsWith("free", StringComparison.Ordinal)).ShouldBe(Many);
        Notes.Contains("blocked").ShouldBe(!commits);
    }

    [Fact]
    public async Task An_enqueue_whose_key_is_held_for_too_long_is_refused_and_says_what_to_look_for()
    {
        await using var host = await StartAsync(static s => s.Configure(static o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(400)));
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await host.Jobs.Within(transaction).EnqueueAsync(new Note("holder"), s_keyed, Token);

        var error = await Should.ThrowAsync<StoreException>(() => host.Jobs.EnqueueAsync(new Note("blocked"), s_keyed, Token));

        (error.IsTransient, error.OutcomeUnknown).ShouldBe((true, false));
        error.Message.ShouldContain("Another transaction has held what this enqueue needs");
        error.Message.ShouldContain("(EnqueueTimeout); the job is not stored");
        await transaction.RollbackAsync(Token);
        (await host.Jobs.EnqueueAsync(new Note("again"), s_keyed, Token)).IsDuplicate.ShouldBeFalse();
    }

    [Fact]
    public async Task A_step_that_a_transaction_left_open_has_completed_holds_up_its_own_workflow_only()
    {
        var (written, goOn) = (new Signal(), new Signal());
        await using var host = await StartAsync(s => Patiently(s).AddJob(async (Pay _, JobContext context, CancellationToken _) =>
        {
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await context.CompleteWithinAsync(transaction, Token);
            written.Set();
            await goOn.WaitAsync();
            await transaction.CommitAsync(Token);
        }));
        var flow = new Workflow();
        var pay = flow.Add("pay", new Pay(1));
        var beside = flow.Add("beside", new Note("beside"));
        flow.Add("end", new Note("end")).After(pay, beside);

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Token);
        await written.WaitAsync();
        await Until.True(() => Notes.Contains("beside"), "the step beside runs; its end has to wait for the workflow");
        await DoAsync(host, Many, "free");
        var other = await host.Jobs.EnqueueAsync(Chain.Of(new Note("one")).Then(new Note("two")), cancellationToken: Token);
        await other.WaitAsync(Token);
        (await handle.GetAsync(Token))!.State.ShouldBe(WorkflowState.Running);
        goOn.Set();

        await handle.WaitAsync(Token);
        Notes.Last().ShouldBe("end");
    }

    [Fact]
    public async Task A_job_whose_row_is_held_ends_when_it_is_let_go()
    {
        var (started, goOn) = (new Signal(), new Signal());
        await using var host = await StartAsync(s => Patiently(s).AddJob(async (Pay _, JobContext context, CancellationToken _) =>
        {
            started.Set();
            await goOn.WaitAsync();
            context.Progress.Report(0.5, "half");
        }));
        var held = await host.Jobs.EnqueueAsync(new Pay(1), cancellationToken: Token);
        await started.WaitAsync();
        await host.Node.Durable!.Flusher.WhenIdle();
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, $"SELECT 1 FROM simmer.job WHERE id = '{held.Id}' FOR UPDATE");

        goOn.Set();
        await host.Node.Durable.Table.WhenEmpty();
        await DoAsync(host, Many, "free");
        (await held.GetAsync(Token))!.State.ShouldBe(JobState.Running, "it has ended, and nobody can write that");
        await transaction.RollbackAsync(Token);

        await held.WaitAsync(Token);
        (await held.GetAsync(Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => j.Run.ShouldBe(1));
    }

    [Fact]
    public async Task While_a_whole_table_is_locked_everything_waits_and_then_goes_on_without_a_lost_attempt()
    {
        var goOn = new Signal();
        await using var host = await StartAsync(s => Patiently(s).AddJob(async (Pay _, CancellationToken _) => await goOn.WaitAsync()));
        var running = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => host.Jobs.EnqueueAsync(new Pay(i), cancellationToken: Token)));
        await Until.True(() => host.Node.Durable!.Table.Count == 8, "they run");
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, "LOCK TABLE simmer.job IN ACCESS EXCLUSIVE MODE");

        goOn.Set();
        var enqueues = Enumerable.Range(0, 100).Select(i => host.Jobs.EnqueueAsync(new Note($"{i}"), cancellationToken: Token)).ToList();
        var chain = host.Jobs.EnqueueAsync(Chain.Of(new Note("one")).Then(new Note("two")), cancellationToken: Token);
        await BecomesAsync(await ConnectAsync(), "(SELECT coalesce(sum(cardinality(left_out)), 0) > 100 FROM simmer.flush)");
        enqueues.ShouldAllBe(static e => !e.IsCompleted);
        await transaction.RollbackAsync(Token);

        await Task.WhenAll((await Task.WhenAll(enqueues)).Concat(running).Select(static h => h.WaitAsync(Token)));
        await (await chain).WaitAsync(Token);
        var ended = await Task.WhenAll(running.Select(static h => h.GetAsync(Token)));
        ended.ShouldAllBe(static j => j!.State == JobState.Succeeded && j.Run == 1);
        Notes.Count.ShouldBe(102);
    }

    [Fact]
    public async Task Two_processes_are_not_in_each_others_way_while_a_key_is_held()
    {
        await using var one = await StartAsync(static s => Patiently(s));
        await using var two = await StartAsync(static s => Patiently(s));
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await one.Jobs.Within(transaction).EnqueueAsync(new Note("holder"), s_keyed, Token);

        var later = new EnqueueOptions { UniqueKey = s_keyed.UniqueKey, Delay = TimeSpan.FromDays(1) };
        var blocked = new[] { one.Jobs.EnqueueAsync(new Note("blocked"), later, Token),
            two.Jobs.EnqueueAsync(new Note("blocked"), later, Token) };
        await Task.WhenAll(DoAsync(one, Many, "one"), DoAsync(two, Many, "two"));
        blocked.ShouldAllBe(static b => !b.IsCompleted);
        await transaction.RollbackAsync(Token);

        var handles = await Task.WhenAll(blocked);
        handles.Count(static h => h.IsDuplicate).ShouldBe(1, "the key is free, and one of them has it");
        Notes.Count.ShouldBe(2 * Many);
    }

    private static SimmerBuilder Patiently(SimmerBuilder simmer) =>
        simmer.Configure(static o => o.EnqueueTimeout = TimeSpan.FromMinutes(2));

    private async Task<long> BeatsAsync() =>
        await AskAsync<long>(await ConnectAsync(), "SELECT coalesce(sum(beats), 0)::bigint FROM simmer.worker");
}
