using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>A job that its handler completes in the transaction of its effect: how the attempt ends, whatever becomes of the
/// transaction.</summary>
public abstract class CompleteWithinTests<TDatabase> : CompleteWithinTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    [Fact]
    public async Task The_effect_and_the_success_of_the_job_are_one_commit()
    {
        JobState? before = null;
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            before = (await context.Services.GetRequiredService<IJobClient>().GetAsync(context.Id, Cancelled))!.State;
            Own.Rows.ShouldBeEmpty();
            await transaction.CommitAsync(Cancelled);
        });

        var end = await RunAsync(host);

        before.ShouldBe(JobState.Running);
        (end.State, end.Run, end.Errors.Count).ShouldBe((JobState.Succeeded, 1, 0));
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Fact]
    public async Task A_transaction_that_is_rolled_back_costs_the_attempt_and_the_next_one_has_the_effect()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, $"{job.Name} {context.Attempt}");
            await context.CompleteWithinAsync(transaction, Cancelled);
            if (context.Attempt < 3)
            {
                await transaction.RollbackAsync(Cancelled);
                return;
            }

            await transaction.CommitAsync(Cancelled);
        });

        var end = await RunAsync(host);

        (end.State, end.Run, end.Attempt).ShouldBe((JobState.Succeeded, 3, 3));
        end.Errors.Select(static e => (e.Attempt, e.Type)).ShouldBe([(1, ErrorTypes.NotCommitted), (2, ErrorTypes.NotCommitted)]);
        end.Errors[0].Message.ShouldContain("was not committed when the handler returned");
        Own.Rows.ShouldBe(["Ada 3"]);
    }

    [Fact]
    public async Task A_transaction_that_is_left_to_the_end_of_the_attempt_is_not_committed_and_the_job_fails_with_the_reason()
    {
        await using var host = await StartAsync((job, context) => context.CompleteWithinAsync(Own.Add(context, job.Name), Cancelled));

        var end = await RunAsync(host);

        (end.State, end.Attempt, end.Errors[^1].Type).ShouldBe((JobState.Failed, 3, ErrorTypes.NotCommitted));
        Own.Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_transaction_that_the_handler_leaves_open_keeps_the_job_until_it_ends_and_then_the_attempt_has_failed()
    {
        await using var connection = Database.Open();
        DbTransaction? open = null;
        await using var host = await StartAsync((job, context) => context.Attempt == 1
            ? context.CompleteWithinAsync(open = connection.BeginTransaction(), Cancelled)
            : Own.AddAndCompleteAsync(context, job.Name));
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        await Until.True(() => host.Log.Lines
            .Any(static l => l.EventId == 1012 && l.Text.Contains("is still open", StringComparison.Ordinal)), "the attempt has failed");
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(JobState.Running, "nobody can write that it failed");
        await open!.RollbackAsync(Cancelled);

        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.Attempt.ShouldBe(2);
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Fact]
    public async Task What_a_handler_throws_after_the_commit_is_logged_and_the_job_has_succeeded()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            await Own.AddAndCompleteAsync(context, job.Name);
            throw new InvalidOperationException("too late");
        });

        var end = await RunAsync(host);

        (end.State, end.Run, end.Errors.Count).ShouldBe((JobState.Succeeded, 1, 0));
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == IgnoredAfterCommit), "it is told");
        host.Log.Lines.Single(static l => l.EventId == IgnoredAfterCommit).Exception!.Message.ShouldBe("too late");
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Fact]
    public async Task What_a_handler_throws_before_the_commit_fails_the_attempt_as_ever()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("no ink");
            }

            await transaction.CommitAsync(Cancelled);
        });

        var end = await RunAsync(host);

        (end.State, end.Attempt).ShouldBe((JobState.Succeeded, 2));
        end.Errors.ShouldHaveSingleItem().Message.ShouldBe("no ink");
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Fact]
    public async Task A_verdict_after_a_rollback_is_obeyed_and_one_after_the_commit_is_not()
    {
        await using var host = await StartAsync(s => s.AddJob(async (Greet job, JobContext context, CancellationToken _) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            if (job.Name == "later")
            {
                await transaction.RollbackAsync(Cancelled);
                return JobVerdict.Fail("not today");
            }

            await transaction.CommitAsync(Cancelled);
            return JobVerdict.Fail("too late");
        }));

        var (later, done) = (await RunAsync(host, new Greet("later")), await RunAsync(host, new Greet("done")));

        (later.State, later.Reason).ShouldBe((JobState.Failed, "not today"));
        done.State.ShouldBe(JobState.Succeeded);
        await Until.True(() => host.Log.Lines
            .Any(l => l.EventId == IgnoredAfterCommit && l.Text.Contains("the verdict Fail", StringComparison.Ordinal)), "it is told");
        Own.Rows.ShouldBe(["done"]);
    }

    [Fact]
    public async Task The_result_that_it_was_completed_with_counts_and_not_what_the_handler_returns()
    {
        await using var host = await StartAsync(s => s.AddJob(async (TakePayment job, JobContext context, CancellationToken _) =>
        {
            var transaction = Own.Add(context, $"{job.Amount}");
            await context.CompleteWithinAsync(transaction, new Receipt("within"), Cancelled);
            await transaction.CommitAsync(Cancelled);
            return new Receipt("returned");
        }));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(7), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("within");
        Own.Rows.ShouldBe(["7"]);
    }

    [Fact]
    public async Task A_transaction_that_was_rolled_back_may_be_repeated_within_the_attempt()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            var first = Own.Add(context, "first");
            var connection = first.Connection!;
            await context.CompleteWithinAsync(first, Cancelled);
            await first.RollbackAsync(Cancelled);
            var second = OwnTable.Add(context, connection, "second");
            await context.CompleteWithinAsync(second, Cancelled);
            await second.CommitAsync(Cancelled);
        });

        (await RunAsync(host)).Run.ShouldBe(1);
        Own.Rows.ShouldBe(["second"]);
    }

    [Fact]
    public async Task Once_committed_it_cannot_be_completed_again_and_what_would_be_done_twice_is_rolled_back()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            await Own.AddAndCompleteAsync(context, "first");
            await Own.AddAndCompleteAsync(context, "second");
        });

        (await RunAsync(host)).State.ShouldBe(JobState.Succeeded);

        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == IgnoredAfterCommit && l.Exception is LeaseLostException),
            "it is told");
        Own.Rows.ShouldBe(["first"]);
    }

    [Fact]
    public async Task Progress_counts_up_to_the_completion()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            context.Progress.Report(0.5, "half");
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            context.Progress.Report(0.75, "more");
            await transaction.CommitAsync(Cancelled);
            context.Progress.Report(1, "all");
        });

        var end = await RunAsync(host);

        (end.State, end.Progress, end.ProgressText).ShouldBe((JobState.Succeeded, 0.5, "half"));
    }

    [Fact]
    public async Task The_slot_goes_to_the_next_job()
    {
        await using var host = await StartAsync((job, context) => Own.AddAndCompleteAsync(context, job.Name),
            static s => s.AddQueue("default", static q => q.Concurrency = 1));

        var handles = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 20).Select(static i => new Greet($"{i}")), cancellationToken: Cancelled);
        foreach (var handle in handles)
        {
            await handle.WaitAsync(Cancelled);
        }

        Own.Rows.ShouldBe([.. Enumerable.Range(0, 20).Select(static i => $"{i}")]);
    }

    [Fact]
    public async Task One_that_is_kept_for_no_time_has_succeeded_as_well()
    {
        await using var host = await StartAsync((job, context) => Own.AddAndCompleteAsync(context, job.Name),
            static s => s.AddQueue("default", static q => q.KeepSucceeded = TimeSpan.Zero));

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        await Until.True(() => host.Log.Lines
            .Any(l => l.EventId == 1011 && l.Text.Contains($"{handle.Id} ended Succeeded", StringComparison.Ordinal)), "it has succeeded");
        (await handle.GetAsync(Cancelled)).ShouldBeNull();
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Fact]
    public async Task A_commit_is_measured_as_a_success_and_a_rollback_as_a_failed_attempt()
    {
        var ends = new ConcurrentQueue<(string, string)>();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, l) => l.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value as string);
            if (instrument.Name == "messaging.client.consumed.messages" && all["messaging.destination.name"] == "counted")
            {
                ends.Enqueue((all["simmer.job.outcome"]!, all["simmer.job.state"]!));
            }
        });
        listener.Start();
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            await (context.Attempt == 1 ? transaction.RollbackAsync(Cancelled) : transaction.CommitAsync(Cancelled));
        }, static s => s.AddQueue("counted"));

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Queue = "counted" }, Cancelled);
        await handle.WaitAsync(Cancelled);
        await host.Node.Durable!.Table.WhenEmpty();

        ends.ShouldBe([("NotCommitted", "Ready"), ("Committed", "Succeeded")]);
    }

    [Fact]
    public async Task Twice_in_one_transaction_is_refused_and_the_first_time_counts()
    {
        Exception? error = null;
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, Cancelled);
            error = await Record.ExceptionAsync(() => context.CompleteWithinAsync(transaction, Cancelled));
            await transaction.CommitAsync(Cancelled);
        });

        (await RunAsync(host)).State.ShouldBe(JobState.Succeeded);

        error.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("is completed in this transaction already");
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_that_has_ended_is_refused_with_that_reason(bool commits)
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await (commits ? transaction.CommitAsync(Cancelled) : transaction.RollbackAsync(Cancelled));
            await context.CompleteWithinAsync(transaction, Cancelled);
        });

        var end = await RunAsync(host);

        end.State.ShouldBe(JobState.Failed);
        end.Errors[^1].Message.ShouldContain("it has ended already");
    }
}
