using System.Diagnostics.Metrics;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Each job that was stored counts as sent once, whichever way it came.</summary>
public abstract class SentMessagesTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    [Fact]
    public async Task Every_job_that_is_stored_counts_once()
    {
        var kind = $"sent-{typeof(TDatabase).Name}";
        using var sent = new SentCounter(kind);
        await using var host = await StartClientAsync(s => s.AddJob<Greet>(o => o.Kind = kind));
        var jobs = host.Jobs;
        var ada = new Greet("Ada");
        var once = new EnqueueOptions { Id = new JobId(Guid.CreateVersion7()) };
        var key = new EnqueueOptions { UniqueKey = "ada" };
        var flow = new WorkflowOptions { Id = WorkflowId.For("order-1") };

        await CountsAsync(1, () => jobs.EnqueueAsync(ada, cancellationToken: Cancelled), "one");
        await CountsAsync(3, () => jobs.EnqueueManyAsync([ada, ada, ada], cancellationToken: Cancelled), "many");
        await CountsAsync(1, () => jobs.EnqueueAsync(ada, once, Cancelled), "with an id");
        await CountsAsync(0, () => jobs.EnqueueAsync(ada, once, Cancelled), "its repeat");
        await CountsAsync(1, () => jobs.EnqueueAsync(ada, key, Cancelled), "with a key");
        await CountsAsync(1, () => jobs.EnqueueManyAsync([(ada, key), ((IJob)ada, null)], Cancelled), "a repeat and a new one");
        await CountsAsync(2, () => jobs.EnqueueAsync(Chain.Of(ada).Then(ada), flow, Cancelled), "a chain");
        await CountsAsync(0, () => jobs.EnqueueAsync(Chain.Of(ada).Then(ada), flow, Cancelled), "its repeat");
        await CountsAsync(3, () => jobs.EnqueueAsync(Group.Of(ada, ada, ada), null, Cancelled), "a group");
        await CountsAsync(0, () => Should
            .ThrowAsync<InvalidOperationException>(() => jobs.EnqueueAsync(ada, new EnqueueOptions { Queue = "nowhere" }, Cancelled)),
            "a refusal");

        await using var connection = Database.Open();
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var within = jobs.Within(transaction);
        await CountsAsync(1, () => within.EnqueueAsync(ada, cancellationToken: Cancelled), "one in a transaction");
        await CountsAsync(0, () => within.EnqueueAsync(ada, key, Cancelled), "a repeat in a transaction");
        await CountsAsync(3, () => within.EnqueueManyAsync([ada, ada, ada], cancellationToken: Cancelled), "many in a transaction");
        await CountsAsync(2, () => within.EnqueueAsync(Chain.Of(ada).Then(ada), cancellationToken: Cancelled), "a chain in a transaction");
        await transaction.CommitAsync(Cancelled);

        async Task CountsAsync(int count, Func<Task> enqueue, string what)
        {
            var before = sent.Count;
            await enqueue();
            (sent.Count - before).ShouldBe(count, what);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Steps_that_a_step_adds_count_once_also_when_it_is_completed_in_a_transaction(bool within)
    {
        var kind = $"added-{within}-{typeof(TDatabase).Name}";
        using var sent = new SentCounter(kind);
        await using var host = await StartAsync(s => s.AddJob(async (Greet job, JobContext context, CancellationToken cancellationToken) =>
        {
            if (job.Name != "adds")
            {
                return;
            }

            context.AddStep(new Greet("Ada"));
            context.AddStep(new Greet("Bob"));
            if (!within)
            {
                return;
            }

            await using var connection = Database.Open();
            foreach (var commits in new[] { false, true })
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await context.CompleteWithinAsync(transaction, cancellationToken);
                if (commits)
                {
                    await transaction.CommitAsync(cancellationToken);
                }
            }
        }, o => o.Kind = kind));

        await (await host.Jobs.EnqueueAsync(Chain.Of(new Greet("adds")).Then(new Greet("last")), cancellationToken: Cancelled))
            .WaitAsync(Cancelled);

        sent.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_job_that_is_spilled_from_memory_counts_once()
    {
        var kind = $"spilled-{typeof(TDatabase).Name}";
        using var sent = new SentCounter(kind);
        await using (var host = await StartAsync(s => s
            .AddQueue("light", static q => q.Durability = Durability.InMemory)
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask, o => (o.Kind, o.Queue) = (kind, "light"))))
        {
            _ = await host.Jobs.EnqueueManyAsync([new Greet("Ada"), new Greet("Bob")], new EnqueueOptions { Delay = TimeSpan.FromHours(1) },
                Cancelled);
            sent.Count.ShouldBe(2);
            await host.StopAsync();
            host.Log.Lines.ShouldContain(static l => l.EventId == 1005, "they were spilled");
        }

        sent.Count.ShouldBe(2);
    }

    /// <summary>Counts the jobs of one kind that were reported as sent.</summary>
    private sealed class SentCounter : IDisposable
    {
        private readonly MeterListener _listener;
        private long _count;

        public SentCounter(string kind)
        {
            _listener = new MeterListener
            {
                InstrumentPublished = static (instrument, l) =>
                {
                    if (instrument is { Meter.Name: "Simmer", Name: "messaging.client.sent.messages" })
                    {
                        l.EnableMeasurementEvents(instrument);
                    }
                },
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (tags.ToArray().Contains(new KeyValuePair<string, object?>("simmer.job.kind", kind)))
                {
                    Interlocked.Add(ref _count, value);
                }
            });
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
