using Simmer.Tests.Engine;
using Simmer.Tests.Workflows;

namespace Simmer.Tests.Durable;

/// <summary>Steps that their handlers complete in transactions of their own.</summary>
public abstract class CompleteWithinWorkflowTests<TDatabase> : CompleteWithinTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private readonly Play _play = new();

    [Fact]
    public async Task The_commit_releases_those_that_wait_and_hands_the_result_on()
    {
        await using var host = await StartAsync(s => s
            .AddJob(async (TakePayment job, JobContext context, CancellationToken _) =>
            {
                var transaction = Own.Add(context, $"{job.Amount}");
                await context.CompleteWithinAsync(transaction, new Receipt($"R{job.Amount}"), Cancelled);
                await transaction.CommitAsync(Cancelled);
                return new Receipt("returned");
            })
            .AddJob((Ship _, Receipt receipt, CancellationToken _) => _play.Note($"ship {receipt.Number}")));

        var handle = await host.Jobs.EnqueueAsync(Chain.Of(new TakePayment(1)).Then(new Ship()), cancellationToken: Cancelled);
        await handle.WaitAsync(Cancelled);

        _play.Notes.ShouldBe(["ship R1"]);
        Own.Rows.ShouldBe(["1"]);
    }

    [Fact]
    public async Task It_takes_the_branch_that_it_was_completed_with()
    {
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, job.Name);
            await context.CompleteWithinAsync(transaction, JobVerdict.Branch("left"), Cancelled);
            await transaction.CommitAsync(Cancelled);
        }, s => s.AddJob((Do job, CancellationToken _) => _play.Note(job.What)));
        var flow = new Workflow();
        var fork = flow.Add("fork", new Greet("Ada"));
        flow.Add("l", new Do("l")).When(fork, "left");
        flow.Add("r", new Do("r")).When(fork, "right");

        await (await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled)).WaitAsync(Cancelled);

        _play.Notes.ShouldBe(["l"]);
    }

    [Fact]
    public async Task A_misspelt_branch_is_refused_before_the_commit()
    {
        await using var host = await StartAsync((job, context) => context
            .CompleteWithinAsync(Own.Add(context, job.Name), JobVerdict.Branch("lefd"), Cancelled), s => s.AddJob<Do>());
        var flow = new Workflow();
        var fork = flow.Add("fork", new Greet("Ada"));
        flow.Add("l", new Do("l")).When(fork, "left");

        var handle = await host.Jobs.EnqueueAsync(flow, cancellationToken: Cancelled);

        (await Should.ThrowAsync<WorkflowFailedException>(handle.WaitAsync(Cancelled))).Message.ShouldContain("did you mean 'left'?");
        Own.Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task Steps_that_were_added_before_it_are_stored_with_it_and_later_ones_are_refused()
    {
        Exception? late = null;
        await using var host = await StartAsync(async (job, context) =>
        {
            var transaction = Own.Add(context, $"{context.Attempt}");
            context.AddStep(new Do($"a{context.Attempt}"));
            await context.CompleteWithinAsync(transaction, Cancelled);
            late = Record.Exception(() => context.AddStep(new Do("late")));
            if (context.Attempt == 2)
            {
                await transaction.CommitAsync(Cancelled);
            }
        }, s => s.AddJob((Do job, CancellationToken _) => _play.Note(job.What)));

        await (await host.Jobs.EnqueueAsync(Chain.Of(new Greet("Ada")).Then(new Do("end")), cancellationToken: Cancelled))
            .WaitAsync(Cancelled);

        _play.Notes.ShouldBe(["a2", "end"]);
        late.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("Add the step first");
        Own.Rows.ShouldBe(["2"]);
    }
}
