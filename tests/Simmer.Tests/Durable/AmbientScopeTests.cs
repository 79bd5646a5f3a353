using System.Collections.Concurrent;
using System.Data.Common;
using System.Transactions;
using Simmer.Hosting;
using Simmer.Storage;
using Simmer.Tests.Engine;
using Simmer.Tests.Enqueue;

namespace Simmer.Tests.Durable;

/// <summary>A caller's transaction of System.Transactions and a durable store: its connections never join it, and no enqueue is lost or
/// kept against the caller's will.</summary>
public abstract class AmbientScopeTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    [Fact]
    public async Task An_enqueue_inside_a_transaction_scope_is_refused_with_the_ways_out()
    {
        await using var host = await StartAsync(static s => s.AddJobs());

        await AmbientEnqueue.AllAreRefusedAsync(host);
        await AmbientEnqueue.SuppressedAreStoredAsync(host);
    }

    [Theory]
    [InlineData(true, TransactionScopeAsyncFlowOption.Enabled)]
    [InlineData(false, TransactionScopeAsyncFlowOption.Enabled)]
    [InlineData(true, TransactionScopeAsyncFlowOption.Suppress)]
    public async Task Whatever_is_asked_inside_a_scope_leaves_it_alone_and_is_not_undone_with_it(bool completes,
        TransactionScopeAsyncFlowOption flow)
    {
        var own = new OwnTable(Database);
        await using var host = await StartClientAsync(static s => s.AddJobs());
        var waiting = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        var flowing = await host.Jobs.EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Greet("Bob")), cancellationToken: Cancelled);
        var over = await host.Jobs.EnqueueAsync(new Greet("Cy"), cancellationToken: Cancelled);
        await over.CancelAsync(cancellationToken: Cancelled);

        // A scope that does not flow exists on this thread alone, so everything stays on it.
        Blocking(flow, () =>
        {
            using var scope = new TransactionScope(TransactionScopeOption.Required,
                new TransactionOptions { IsolationLevel = IsolationLevel.ReadCommitted }, flow);
            using (var connection = Database.Open())
            {
                Insert(connection, "inside");
                AskEverything(host, waiting.Id, flowing.Id, over.Id);
                Insert(connection, "inside still");
            }

            Transaction.Current!.TransactionInformation.Status.ShouldBe(TransactionStatus.Active);
            Transaction.Current.TransactionInformation.DistributedIdentifier.ShouldBe(Guid.Empty, "one connection is in it");
            if (completes)
            {
                scope.Complete();
            }
        });

        (await host.Jobs.GetAsync(waiting.Id, Cancelled))!.State.ShouldBe(JobState.Cancelled);
        (await host.Jobs.GetAsync(over.Id, Cancelled))!.State.ShouldBe(JobState.Ready);
        (await host.Jobs.GetAsync(flowing.Id, Cancelled)).ShouldBeNull("it was deleted");
        if (completes)
        {
            own.Rows.ShouldBe(["inside", "inside still"]);
        }
    }

    [Fact]
    public async Task A_host_that_is_started_inside_a_scope_outlives_its_rollback()
    {
        EngineHost host;
        using (AmbientEnqueue.Scope())
        {
            host = await StartAsync(static s => s.AddJobs());
            _ = await Should.ThrowAsync<InvalidOperationException>(() => host.Jobs.EnqueueAsync(new TakePayment(1)));
        }

        await using (host)
        {
            (await (await host.Jobs.EnqueueAsync(new TakePayment(1), cancellationToken: Cancelled)).WaitAsync(Cancelled)).Number
                .ShouldBe("1");
        }
    }

    [Fact]
    public async Task Inside_a_scope_a_transaction_that_is_named_counts()
    {
        await using var host = await StartClientAsync(static s => s.AddJobs());
        DbConnection connection;
        using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
        {
            connection = Database.Open();
        }

        await using (connection)
        {
            JobHandle kept, gone;
            WorkflowHandle flow;
            using (AmbientEnqueue.Scope())
            {
                await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
                {
                    kept = await host.Jobs.Within(transaction).EnqueueAsync(new Greet("kept"), cancellationToken: Cancelled);
                    flow = await host.Jobs.Within(transaction)
                        .EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Greet("Bob")), cancellationToken: Cancelled);
                    await host.Jobs.Within(transaction).EnqueueManyAsync([new Greet("Cy")], cancellationToken: Cancelled);
                    await transaction.CommitAsync(Cancelled);
                }

                await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
                {
                    gone = await host.Jobs.Within(transaction).EnqueueAsync(new Greet("gone"), cancellationToken: Cancelled);
                }
            }

            (await host.Jobs.GetAsync(kept.Id, Cancelled)).ShouldNotBeNull();
            (await host.Jobs.GetAsync(flow.Id, Cancelled)).ShouldNotBeNull();
            (await host.Jobs.GetAsync(gone.Id, Cancelled)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_handler_that_opens_a_scope_is_settled_outside_it(bool completes, bool leaves)
    {
        var own = new OwnTable(Database);
        var (seen, opened) = (new ConcurrentQueue<Transaction?>(), new ConcurrentQueue<Transaction>());
        await using var host = await StartAsync(s => s.AddJob(async (Greet job, JobContext context, CancellationToken _) =>
        {
            seen.Enqueue(Transaction.Current);
            var scope = AmbientEnqueue.Scope();
            opened.Enqueue(Transaction.Current!);
            await using (var connection = Database.Open())
            {
                Insert(connection, job.Name);
                context.Progress.Report(0.5);
                await Task.Yield();
            }

            if (completes)
            {
                scope.Complete();
            }

            if (!leaves)
            {
                scope.Dispose();
            }
        }));

        foreach (var name in new[] { "Ada", "Bob" })
        {
            var handle = await host.Jobs.EnqueueAsync(new Greet(name), cancellationToken: Cancelled);
            (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }

        seen.ShouldBe([null, null]);
        foreach (var left in opened.Where(_ => leaves))
        {
            left.Rollback();
        }

        if (!leaves && completes)
        {
            own.Rows.ShouldBe(["Ada", "Bob"]);
        }
    }

    private static void AskEverything(EngineHost host, JobId waiting, WorkflowId flowing, JobId over)
    {
        var (jobs, browser) = (host.Jobs, host.Node.Durable!.Store.Browser);
        Wait(jobs.GetAsync(waiting, Cancelled)).ShouldNotBeNull();
        Wait(jobs.WaitAsync(over, Cancelled)).ShouldNotBeNull();
        Wait(jobs.GetAsync(flowing, Cancelled)).ShouldNotBeNull();
        Wait(jobs.GetStepsAsync(flowing, Cancelled)).Count.ShouldBe(2);
        Wait(jobs.CancelAsync(waiting, "no more", Cancelled)).ShouldBe(CancelResult.Cancelled);
        Wait(First(jobs.WatchAsync(waiting, -1, Cancelled))).ShouldNotBeNull();
        Wait(jobs.RetryAsync(over, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        Wait(jobs.CancelAsync(flowing, "no more", Cancelled)).ShouldBe(CancelResult.Cancelled);
        Wait(jobs.WaitAsync(flowing, Cancelled)).ShouldNotBeNull();
        Wait(First(jobs.WatchAsync(flowing, -1, Cancelled))).ShouldNotBeNull();
        Wait(jobs.RetryAsync(flowing.Step(1), cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        Wait(jobs.CancelAsync(flowing, "no more", Cancelled)).ShouldBe(CancelResult.Cancelled);
        Wait(jobs.RetryAsync(flowing, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.Retried);
        Wait(jobs.DeleteAsync(flowing, Cancelled)).ShouldBe(DeleteResult.Deleted);
        Wait(browser.ListAsync(new JobQuery(), Cancelled).AsTask()).Count.ShouldBe(2);
        Wait(browser.CountAsync(Cancelled).AsTask()).ShouldNotBeEmpty();
        Wait(browser.WorkersAsync(host.Node.Context.Now, Cancelled).AsTask());
        Wait(new SimmerStatus(host.Node).QueuesAsync(Cancelled)).ShouldNotBeEmpty();
    }

    private static async Task<T?> First<T>(IAsyncEnumerable<T> snapshots)
        where T : class
    {
        await foreach (var snapshot in snapshots)
        {
            return snapshot;
        }

        return null;
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Blocking(TransactionScopeAsyncFlowOption flow, Action work)
    {
        if (flow == TransactionScopeAsyncFlowOption.Enabled)
        {
            work();
            return;
        }

        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(work));
        thread.Start();
        thread.Join();
        error.ShouldBeNull();
    }

    private static void Insert(DbConnection connection, string what)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO effect(what) VALUES('{what}')";
        _ = command.ExecuteNonQuery();
    }
}
