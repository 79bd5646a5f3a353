using System.Data;
using Simmer.FleetTests.Hosts;
using Simmer.Storage;

namespace Simmer.FleetTests.Refusals;

/// <summary>Transactions with a snapshot: what has changed since it was taken cannot be written in them.</summary>
public sealed class Snapshots : HostTest
{
    [Theory]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_job_that_reports_progress_is_completed_in_a_transaction_with_a_snapshot(IsolationLevel level)
    {
        var runs = 0;
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            context.Progress.Report(0.5, "half");
            if (Interlocked.Increment(ref runs) == 1)
            {
                await BecomesAsync(await ConnectAsync(), $"(SELECT coalesce(progress, 0) = 0.5 FROM simmer.job WHERE id = '{context.Id}')");
            }

            await context.CompleteWithinAsync(transaction, Token);
            await transaction.CommitAsync(Token);
        }));
        var connection = await ConnectAsync();
        await ExecuteAsync(connection, "CREATE TABLE paid(number int)");

        var handle = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        await handle.WaitAsync(Token);

        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(1);
        (await handle.GetAsync(Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded), static j => j.Attempt.ShouldBe(1), static j => j.Progress.ShouldBe(0.5), static j => j.ProgressText.ShouldBe("half"));
        runs.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_key_that_was_taken_since_the_snapshot_is_told_as_that_and_not_blamed_on_a_transaction_that_is_kept_open()
    {
        await using var host = await StartClientAsync();
        await host.Jobs.EnqueueAsync(new Note("before"), cancellationToken: Token);
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Token);
        await ExecuteAsync(connection, "SELECT 1 FROM simmer.job");
        var options = new EnqueueOptions { UniqueKey = "order-1" };
        await host.Jobs.EnqueueAsync(new Note("first"), options, Token);

        var error = await Should.ThrowAsync<StoreException>(() => host.Jobs.Within(transaction).EnqueueAsync(new Note("second"), options, Token));

        error.IsTransient.ShouldBeTrue();
        error.Message.ShouldContain("since the transaction took its snapshot");
        error.Message.ShouldNotContain("kept open");
    }
}
