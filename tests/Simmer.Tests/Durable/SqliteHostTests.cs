using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

public sealed class SqliteHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_durable_job_gives_its_result()
    {
        await using var host = await StartAsync(s => s.AddJob((TakePayment job, CancellationToken _) => Task.FromResult(new Receipt($"R{job.Amount}"))));

        var handle = await host.Jobs.EnqueueAsync(new TakePayment(7), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Number.ShouldBe("R7");
    }

    [Fact]
    public async Task Jobs_enqueued_in_one_process_life_run_in_the_next()
    {
        var count = 0;
        await using (var first = await StartAsync(static s => s.AddJob<Greet>().Configure(static o => o.Worker.Enabled = false)))
        {
            await first.Jobs.EnqueueManyAsync(Enumerable.Range(0, 5_000).Select(static i => new Greet($"{i}")), cancellationToken: Cancelled);
        }

        var all = new TaskCompletionSource();
        await using var second = await StartAsync(s => s.AddJob((Greet _, CancellationToken _) =>
        {
            if (Interlocked.Increment(ref count) == 5_000)
            {
                all.SetResult();
            }

            return Task.CompletedTask;
        }));
        await all.Task.WaitAsync(Cancelled);
    }

    private Task<EngineHost> StartAsync(Action<SimmerBuilder> configure) =>
        EngineHost.StartAsync(s => configure(s.UseSqlite($"Data Source={Path.Combine(_folder, "jobs.db")}")));
}
