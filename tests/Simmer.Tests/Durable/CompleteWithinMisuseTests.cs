using System.Data.Common;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>What cannot complete a job, and the messages about it.</summary>
public sealed class CompleteWithinMisuseTests : CompleteWithinTest<SqliteJobs>
{
    [Fact]
    public async Task A_job_in_memory()
    {
        var error = await MisuseAsync<InvalidOperationException>(
            (_, context) => context.CompleteWithinAsync(Own.Add(context, "x"), Cancelled), static s =>
                s.AddQueue("default", static q => q.Durability = Durability.InMemory));

        error.Message.ShouldContain("is in queue 'default', which is in memory");
    }

    [Fact]
    public async Task A_transaction_on_another_file()
    {
        await using var other = new SqliteJobs();
        var table = new OwnTable(other);

        var error = await MisuseAsync<InvalidOperationException>((_, context) => context
            .CompleteWithinAsync(table.Add(context, "x"), Cancelled));

        error.Message.ShouldContain("and the store is on");
    }

    [Fact]
    public async Task An_attempt_that_has_ended()
    {
        JobContext? leaked = null;
        await using var host = await StartAsync((_, context) =>
        {
            leaked = context;
            return Task.CompletedTask;
        });
        await RunAsync(host);
        await host.Node.Durable!.Table.WhenEmpty();
        await using var connection = Database.Open();
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);

        (await Should.ThrowAsync<InvalidOperationException>(leaked!.CompleteWithinAsync(transaction, Cancelled))).Message
            .ShouldContain("has ended");
    }

    [Fact]
    public async Task A_promised_result_that_is_not_given()
    {
        var error = await WrongResultAsync<InvalidOperationException>(static (context, transaction) => context
            .CompleteWithinAsync(transaction, Cancelled));

        error.Message.ShouldContain("Job 'take-payment' promises a Receipt");
    }

    [Fact]
    public async Task A_result_of_another_type()
    {
        var error = await WrongResultAsync<ArgumentException>(static (context, transaction) => context
            .CompleteWithinAsync(transaction, 7, Cancelled));

        error.Message.ShouldContain("Job 'take-payment' promises a Receipt, and it was to be completed with an Int32");
    }

    [Fact]
    public async Task A_result_that_is_too_large()
    {
        var error = await WrongResultAsync<InvalidOperationException>(
            static (context, transaction) => context.CompleteWithinAsync(transaction, new Receipt(new string('x', 200)), Cancelled),
                static s => s.Configure(static o => o.MaxResultBytes = 100));

        error.Message.ShouldContain("at most 100 are allowed");
    }

    [Fact]
    public async Task A_result_that_nobody_was_promised()
    {
        var error = await MisuseAsync<ArgumentException>((_, context) => context
            .CompleteWithinAsync(Own.Add(context, "x"), new Receipt("x"), Cancelled));

        error.Message.ShouldContain("Job 'greet' gives no result, and it was to be completed with a Receipt");
    }

    [Fact]
    public async Task A_verdict_other_than_success()
    {
        var error = await MisuseAsync<ArgumentException>((_, context) => context
            .CompleteWithinAsync(Own.Add(context, "x"), JobVerdict.Fail("no"), Cancelled));

        error.Message.ShouldContain("with the verdict Fail, and only a success can be");
    }

    private async Task<TError> MisuseAsync<TError>(Func<Greet, JobContext, Task> handler, Action<SimmerBuilder>? more = null)
        where TError : Exception
    {
        await using var host = await StartAsync(handler, more);
        return await ErrorOfAsync<TError>(host, new Greet("Ada"));
    }

    private async Task<TError> WrongResultAsync<TError>(Func<JobContext, DbTransaction, Task> complete, Action<SimmerBuilder>? more = null)
        where TError : Exception
    {
        await using var host = await StartAsync(s =>
        {
            s.AddJob(async (TakePayment _, JobContext context, CancellationToken _) =>
            {
                await complete(context, Own.Add(context, "x"));
                return new Receipt("returned");
            }, static o => o.MaxAttempts = 1);
            more?.Invoke(s);
        });
        return await ErrorOfAsync<TError>(host, new TakePayment(1));
    }

    /// <summary>The attempt fails with it, and its transaction is rolled back.</summary>
    private async Task<TError> ErrorOfAsync<TError>(EngineHost host, IJob job)
        where TError : Exception
    {
        (await RunAsync(host, job)).State.ShouldBe(JobState.Failed);
        Own.Rows.ShouldBeEmpty();
        return host.Log.Lines.Last(static l => l.EventId == 1013).Exception.ShouldBeOfType<TError>();
    }
}
