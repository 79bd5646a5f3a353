using Simmer.Runtime;

namespace Simmer.EntityFrameworkCore.Tests;

public sealed class BlockingTests
{
    [Fact]
    public async Task Waiting_for_a_store_blocks_no_thread_that_its_continuations_want()
    {
        var worker = Task.Factory.StartNew(
            static () =>
            {
                SynchronizationContext.SetSynchronizationContext(new OneThread());
                CallerContext.Block(static async () => await Task.Yield());
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        await worker.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nor_does_it_on_a_scheduler_of_one_thread()
    {
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

        var worker = Task.Factory
            .StartNew(static () => CallerContext.Block(static async () => await Task.Yield()), TestContext.Current.CancellationToken,
            TaskCreationOptions.None, scheduler);

        await worker.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void An_error_comes_as_it_was_thrown() =>
        Should.Throw<ArithmeticException>(static () => CallerContext.Block(static async () =>
        {
            await Task.Yield();
            throw new ArithmeticException();
        }));

    /// <summary>A context whose callbacks would run on the thread that set it, if that were ever free.</summary>
    private sealed class OneThread : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // Nothing runs here, because the thread is blocked.
        }
    }
}
