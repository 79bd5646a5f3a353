using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Storage;
using Simmer.Tests.Engine;
using Simmer.Tests.Workflows;

namespace Simmer.Tests.Durable;

/// <summary>A job is completed in its handler's transaction while the store has a bad day.</summary>
public sealed class CompleteWithinTroubleTests : CompleteWithinTest<SqliteJobs>
{
    private ShakySqlite _store = null!;

    [Fact]
    public async Task A_store_that_is_away_for_a_moment_is_asked_again_whether_the_transaction_was_committed()
    {
        await using var host = await ShakyAsync(async (job, context) =>
        {
            await Own.AddAndCompleteAsync(context, job.Name);
            FailReads(3, transient: true);
        });

        await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == 1011), "it has ended");

        host.Log.Lines.Single(static l => l.EventId == 1011).Text.ShouldContain("ended Succeeded");
        Own.Rows.ShouldBe(["Ada"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_cannot_be_asked_decides_by_itself_when_the_attempt_is_settled_as_failed(bool commits)
    {
        await using var host = await ShakyAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, $"{context.Attempt}");
            await context.CompleteWithinAsync(transaction, Cancelled);
            if (commits || context.Attempt == 2)
            {
                await transaction.CommitAsync(Cancelled);
            }

            if (context.Attempt == 1)
            {
                FailReads(1, transient: false);
            }
        });

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await Until.True(() => host.Log.Lines
            .Any(static l => l.EventId == 1012 && l.Text.Contains("cannot be told: The server is away", StringComparison.Ordinal)),
            "it is told");
        var end = (await host.Jobs.WaitAsync(handle.Id, Cancelled))!;

        (end.State, end.Run).ShouldBe((JobState.Succeeded, commits ? 1 : 2));
        Own.Rows.ShouldBe([commits ? "1" : "2"]);
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task A_job_that_is_completed_while_lost_claims_are_looked_for_is_not_taken_for_one()
    {
        var (started, goOn) = (new Signal(), new Signal());
        await using var host = await ShakyAsync(async (job, context) =>
        {
            if (job.Name == "Ada")
            {
                started.Set();
                await goOn.WaitAsync(Cancelled);
            }

            await Own.AddAndCompleteAsync(context, $"{job.Name} {context.Attempt}");
        });
        _ = Own;
        await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await started.WaitAsync();
        await host.Node.Durable!.Flusher.WhenIdle();
        _store.BeforeOwnedAnswers.Enqueue(async () =>
        {
            // The answer on its way says that the job is owned; now it ends.
            goOn.Set();
            await host.Node.Durable.Table.WhenEmpty();
        });

        _store.LoseNextAnswer();
        await host.Jobs.EnqueueAsync(new Greet("Bob"), cancellationToken: Cancelled);
        await Until.True(() => Own.Rows.Count == 2, "both are done");
        await host.Node.Durable.Flusher.WhenIdle();
        await host.Node.Durable.Table.WhenEmpty();

        host.Log.Lines.Count(static l => l.EventId == 1010 && l.Text.Contains("attempt 1", StringComparison.Ordinal))
            .ShouldBe(2, "each was started once");
        host.Log.Lines.ShouldNotContain(static l => l.EventId == LeaseLost);
        Own.Rows.ShouldBe(["Ada 1", "Bob 1"]);
    }

    [Fact]
    [Trait("Rule", "16")]
    public async Task Nothing_is_noted_of_a_job_whose_row_a_transaction_holds()
    {
        var (completed, goOn) = (new Signal(), new Signal());
        await using var host = await ShakyAsync(async (job, context) =>
        {
            if (job.Name == "Bob")
            {
                return;
            }

            await goOn.WaitAsync(Cancelled);
            context.Progress.Report(0.5, "waits for the flush that is on its way");
            await Own.AddAndCompleteAsync(context, job.Name);
            context.Progress.Report(0.75, "too late");
            completed.Set();
        });
        _ = Own;
        var ada = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await host.Node.Durable!.Flusher.WhenIdle();

        _store.Hold();
        var bob = host.Jobs.EnqueueAsync(new Greet("Bob"), cancellationToken: Cancelled);
        goOn.Set();
        await completed.WaitAsync();
        _store.Release();
        await bob;
        await ada.WaitAsync(Cancelled);
        await host.Node.Durable.Flusher.WhenIdle();

        _store.Flushes.ShouldAllBe(static f => f.Progress.Count == 0);
        (await ada.GetAsync(Cancelled))!.Progress.ShouldBe(0.5);
    }

    [Fact]
    public async Task Those_that_a_commit_releases_start_here_although_no_hint_and_no_beat_tells_of_them()
    {
        var shipped = new Signal();
        await using var host = await ShakyAsync((job, context) => Own.AddAndCompleteAsync(context, job.Name), s =>
        {
            // With a clock that stands still no worker beats.
            s.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Some.Moment));
            s.AddJob((Custom _, CancellationToken _) =>
            {
                shipped.Set();
                return Task.CompletedTask;
            });
        }, isSilent: true);

        await host.Jobs.EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Custom("ship")), cancellationToken: Cancelled);

        await shipped.WaitAsync();
    }

    [Fact]
    public async Task Steps_for_which_there_is_no_room_are_refused_before_the_commit_and_not_tried_again()
    {
        await using var host = await ShakyAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            context.AddStep(new Do("x"));
            await context.CompleteWithinAsync(transaction, Cancelled);
            await transaction.CommitAsync(Cancelled);
        }, static s => s.AddJob<Do>());
        _store.Settled = static _ => new SettleReport(true, JobState.Failed);

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Greet("Ada")), cancellationToken: Cancelled);

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message
            .ShouldContain("adds more steps than there is room for");
        (await handle.GetStepsAsync(Cancelled)).ShouldHaveSingleItem().Job.Attempt.ShouldBe(1);
        Own.Rows.ShouldBeEmpty();
    }

    private Task<EngineHost> ShakyAsync(Func<Greet, JobContext, Task> handler, Action<SimmerBuilder>? more = null, bool isSilent = false) =>
        StartAsync(handler, s =>
    {
        var (name, create) = s.Setup.Stores[0];
        s.Setup.Stores[0] = (name, services => _store = new ShakySqlite(create(services)) { IsSilent = isSilent });
        more?.Invoke(s);
    });

    private void FailReads(int count, bool transient)
    {
        for (var i = 0; i < count; i++)
        {
            _store.Reads.BeforeGet.Enqueue(() => throw new StoreException("The server is away.", isTransient: transient));
        }
    }
}
