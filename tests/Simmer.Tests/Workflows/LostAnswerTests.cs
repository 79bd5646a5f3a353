using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Workflows on a store that loses answers.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly Play _play = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_workflow_whose_answer_is_lost_is_stored_once_and_runs_once(bool committed)
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            LoseNext(committed);

            var handle = await host.Jobs.EnqueueAsync(Chain.Of(new Pay($"{i}")).Then(new Ship()), cancellationToken: Cancelled);
            handle.IsDuplicate.ShouldBeFalse();
            await handle.WaitAsync(Cancelled);
        }

        _play.Notes.ShouldBe(Enumerable.Range(0, 5).SelectMany(static i => new[] { $"pay {i}", $"ship R{i}" }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Steps_whose_addition_is_in_doubt_are_added_once(bool committed)
    {
        await using var host = await StartAsync(s => s.AddJob((Custom job, JobContext context, CancellationToken _) =>
        {
            context.AddStep(new Measure(1));
            context.AddStep(new Measure(2));
            LoseNext(committed);
            return _play.Note(job.What);
        }));

        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Custom("add")).Then(new AskAll()).Then(new Do("end")), cancellationToken: Cancelled);
        var end = await handle.WaitAsync(Cancelled);

        end.StepCount.ShouldBe(5);
        _play.Notes.ToArray()[^2..].ShouldBe(["1+2", "end"]);
        _play.Notes.Count(static n => n == "add").ShouldBe(1);
        _store.Flushes.ShouldContain(static f => f.IsRepeat);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_follows_an_end_that_is_in_doubt_starts_all_the_same(bool committed)
    {
        await using var host = await StartAsync(static s => s.AddQueue("side"));
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a") { Waits = true }).Then(new Do("b"), options: new EnqueueOptions { Queue = "side" })
                .Then(new Do("c"), options: new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(50) }),
            cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();
        await host.Node.Durable!.Flusher.WhenIdle();

        LoseNext(committed);
        _play.Release("a");
        await handle.WaitAsync(Cancelled);

        _play.Notes.ShouldBe(["a", "b", "c"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_workflow_that_is_enqueued_twice_is_told_as_a_duplicate_also_when_the_answer_got_lost(bool committed)
    {
        await using var host = await StartAsync();
        var options = new WorkflowOptions { Id = WorkflowId.For("order-1") };
        var later = new EnqueueOptions { Delay = TimeSpan.FromDays(1) };
        LoseNext(committed);
        (await host.Jobs.EnqueueAsync(Chain.Of(new Do("a"), options: later), options, Cancelled)).IsDuplicate.ShouldBeFalse();
        LoseNext(committed);
        (await host.Jobs.EnqueueAsync(Chain.Of(new Do("a"), options: later), options, Cancelled)).IsDuplicate.ShouldBeTrue();
        (await host.Jobs.EnqueueAsync(Chain.Of(new Do("a"), options: later), options, Cancelled)).IsDuplicate.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refused_workflow_is_told_and_nothing_of_it_runs()
    {
        await using var host = await StartAsync();
        _store.RefuseNext();

        (await Should.ThrowAsync<StoreException>(host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a")).Then(new Do("b")), cancellationToken: Cancelled))).Message.ShouldBe("The disk is full.");

        (await _store.Inner.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        await (await host.Jobs.EnqueueAsync(Chain.Of(new Do("c")).Then(new Do("d")), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        _play.Notes.ShouldBe(["c", "d"]);
    }

    [Fact]
    public async Task A_job_that_is_nowhere_when_its_lost_answer_is_asked_for_again_is_an_error_and_no_handle()
    {
        await using var host = await StartAsync();
        _store.LoseNextAnswer(flush => _store.Inner.DeleteAsync([flush.Enqueues[0].Job.Id], DateTimeOffset.UtcNow, Cancelled).AsTask());

        var error = await Should
            .ThrowAsync<StoreException>(host.Jobs
            .EnqueueAsync(new Do("a"), new EnqueueOptions { Delay = TimeSpan.FromDays(1) }, Cancelled));

        (error.IsTransient, error.OutcomeUnknown).ShouldBe((true, true));
        error.Message.ShouldContain("cannot be told");
    }

    private void LoseNext(bool committed)
    {
        if (committed)
        {
            _store.LoseNextAnswer();
        }
        else
        {
            _store.LoseNextRequest();
        }
    }

    private async Task<EngineHost> StartAsync(Action<SimmerBuilder>? more = null)
    {
        var host = await EngineHost.StartAsync(s =>
        {
            more?.Invoke(s);
            _play.AddTo(s.UseStore("shaky", _ => _store));
        });

        // The first look for work must not meet the trouble that is meant for the workflow.
        await host.Node.Durable!.Flusher.WhenIdle();
        return host;
    }
}
