using System.Data;
using Npgsql;
using Simmer.FleetTests.Hosts;

namespace Simmer.FleetTests.Refusals;

/// <summary>Transactions with a snapshot cannot write rows that have changed since it was taken.</summary>
public sealed class Snapshots : HostTest
{
    private static readonly IsolationLevel[] s_levels =
        [IsolationLevel.ReadCommitted, IsolationLevel.RepeatableRead, IsolationLevel.Serializable];

    public static TheoryData<IsolationLevel> Levels => [.. s_levels];

    public static TheoryData<IsolationLevel, bool> LevelsAndBefore =>
        new(from level in s_levels from before in new[] { true, false } select (level, before));

    [Theory]
    [MemberData(nameof(LevelsAndBefore))]
    public async Task A_job_that_reports_progress_is_completed_by_its_first_run(IsolationLevel level, bool before)
    {
        var runs = 0;
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            runs++;
            var (connection, looks) = (await ConnectAsync(), await ConnectAsync());
            if (before)
            {
                context.Progress.Report(0.25, "a quarter");
                await BecomesAsync(looks, Shows(context, 0.25));
            }

            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            context.Progress.Report(0.5, "half");
            await BecomesAsync(looks, Shows(context, 0.5));
            context.Progress.Report(0.75, "nearly");
            await BecomesAsync(looks, Shows(context, 0.75));
            context.Progress.Report(0.8);
            await context.CompleteWithinAsync(transaction, Token);
            await transaction.CommitAsync(Token);
        }));
        var connection = await PaidAsync();

        var handle = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        await handle.WaitAsync(Token);

        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(1);
        (await handle.GetAsync(Token))!.ShouldSatisfyAllConditions(
            static j => j.State.ShouldBe(JobState.Succeeded), static j => j.Run.ShouldBe(1), static j =>
                j.Progress.ShouldBe(0.8), static j => j.ProgressText.ShouldBe("nearly"));
        runs.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task Several_at_once_are_completed_by_their_first_runs(IsolationLevel level)
    {
        const int Many = 8;
        var (runs, here, all) = (0, 0, new Signal());
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            Interlocked.Increment(ref runs);
            await using var connection = new NpgsqlConnection(Database);
            await using var looks = new NpgsqlConnection(Database);
            await Task.WhenAll(connection.OpenAsync(Token), looks.OpenAsync(Token));
            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            context.Progress.Report(0.5);
            await BecomesAsync(looks, Shows(context, 0.5));
            if (Interlocked.Increment(ref here) == Many)
            {
                // Small tables are looked through as a whole, once the planner knows them.
                await ExecuteAsync(looks, "ANALYZE simmer.job");
                all.Set();
            }

            await all.WaitAsync();
            await context.CompleteWithinAsync(transaction, Token);
            await transaction.CommitAsync(Token);
        }));
        var connection = await PaidAsync();

        var handles = await Task
            .WhenAll(Enumerable.Range(0, Many)
            .Select(i => host.Jobs.EnqueueAsync(new Pay(i), new EnqueueOptions { MaxAttempts = 1 }, Token)));
        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Token)));

        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(Many);
        runs.ShouldBe(Many);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task A_cancel_that_was_asked_for_since_the_snapshot_is_told_and_cancels_the_job(IsolationLevel level)
    {
        var (runs, started, goOn) = (0, new Signal(), new Signal());
        Exception? told = null;
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            runs++;
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            started.Set();
            await goOn.WaitAsync();
            try
            {
                await context.CompleteWithinAsync(transaction, Token);
            }
            catch (StoreException e)
            {
                told = e;
                throw;
            }

            await transaction.CommitAsync(Token);
        }));
        var connection = await PaidAsync();
        var handle = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        await started.WaitAsync();

        await host.Jobs.CancelAsync(handle.Id, "not wanted", Token);
        goOn.Set();
        var end = (await host.Jobs.WaitAsync(handle.Id, Token))!;

        // With READ COMMITTED the row may have changed, and a success that arrives wins over the cancel.
        var wins = level == IsolationLevel.ReadCommitted;
        (end.State, end.Run).ShouldBe((wins ? JobState.Succeeded : JobState.Cancelled, 1));
        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(wins ? 1 : 0);
        runs.ShouldBe(1);
        if (!wins)
        {
            told!.Message.ShouldContain("its cancel was asked for");
            told.Message.ShouldNotContain("kept open");
            end.Reason.ShouldBe("not wanted");
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task A_job_that_somebody_else_has_since_the_snapshot_is_told_as_lost(IsolationLevel level)
    {
        var told = new Signal();
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            await ExecuteAsync(await ConnectAsync(), "UPDATE simmer.job SET run = run + 1, owner = 1");
            await Should.ThrowAsync<LeaseLostException>(() => context.CompleteWithinAsync(transaction, Token));
            await Should.ThrowAsync<InvalidOperationException>(() => transaction.CommitAsync(Token));
            told.Set();
        }));
        _ = await PaidAsync();

        _ = await host.Jobs.EnqueueAsync(new Pay(1), cancellationToken: Token);

        await told.WaitAsync();
    }

    [Fact]
    public async Task A_step_beside_which_another_one_ended_since_the_snapshot_is_run_again_without_spending_an_attempt()
    {
        var (runs, started) = (0, new Signal());
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            if (job.Order == 0)
            {
                await started.WaitAsync();
                return;
            }

            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            if (++runs == 1)
            {
                started.Set();
                await BecomesAsync(await ConnectAsync(), "(SELECT count(*) = 1 FROM simmer.history)");
            }

            await context.CompleteWithinAsync(transaction, Token);
            await transaction.CommitAsync(Token);
        }));
        var connection = await PaidAsync();

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(Group.Of((IJob[])[new Pay(0), new Pay(1)])), cancellationToken: Token);
        await handle.WaitAsync(Token);

        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(1);
        (await handle.GetStepsAsync(Token)).ShouldAllBe(static step => step.Job.Attempt == 1);
    }

    [Fact]
    public async Task A_key_that_was_taken_since_a_handlers_snapshot_makes_it_run_again_without_spending_an_attempt()
    {
        var runs = 0;
        await using var host = await StartAsync();
        await using var payer = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            runs++;
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Token);
            await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
            var options = new EnqueueOptions { UniqueKey = "order-1", Delay = TimeSpan.FromDays(1) };
            if (runs == 1)
            {
                await host.Jobs.EnqueueAsync(new Note("first"), options, Token);
            }

            (await host.Jobs.Within(transaction).EnqueueAsync(new Note("second"), options, Token)).IsDuplicate.ShouldBeTrue();
            await context.CompleteWithinAsync(transaction, Token);
            await transaction.CommitAsync(Token);
        }));
        var connection = await PaidAsync();

        var handle = await payer.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        await handle.WaitAsync(Token);

        runs.ShouldBe(2);
        (await AskAsync<long>(connection, "SELECT count(*) FROM paid")).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task A_unique_key_of_the_applications_own_is_told_as_that(IsolationLevel level)
    {
        await using var host = await StartAsync(s => s.AddJob(async (Pay job, JobContext context, CancellationToken _) =>
        {
            var connection = await ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(level, Token);
            try
            {
                await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order}), ({job.Order})");
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // The handler catches the exception, as one would that takes the row for that of an earlier attempt.
            }

            await context.CompleteWithinAsync(transaction, Token);
        }));
        _ = await PaidAsync();

        var handle = await host.Jobs.EnqueueAsync(new Pay(1), new EnqueueOptions { MaxAttempts = 1 }, Token);
        _ = await Should.ThrowAsync<JobFailedException>(() => handle.WaitAsync(Token));

        var error = (await handle.GetAsync(Token))!.Errors.ShouldHaveSingleItem();
        error.Message.ShouldContain("a statement of the application's was refused in it");
        error.Message.ShouldNotContain("kept open");
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

        var error = await Should
            .ThrowAsync<StoreException>(() => host.Jobs.Within(transaction).EnqueueAsync(new Note("second"), options, Token));

        error.IsTransient.ShouldBeTrue();
        error.Message.ShouldContain("since the transaction took its snapshot");
        error.Message.ShouldNotContain("kept open");
    }

    private static string Shows(JobContext context, double progress) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"(SELECT coalesce(progress, 0) = {progress} FROM simmer.jobs WHERE id = '{context.Id}')");

    /// <summary>The application's own table.</summary>
    private async Task<NpgsqlConnection> PaidAsync()
    {
        var connection = await ConnectAsync();
        await ExecuteAsync(connection, "CREATE TABLE paid(number int PRIMARY KEY)");
        return connection;
    }
}
