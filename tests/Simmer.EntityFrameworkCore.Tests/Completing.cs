using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Simmer.EntityFrameworkCore.Tests.Support;
using Simmer.Hosting;

namespace Simmer.EntityFrameworkCore.Tests;

/// <summary>Handlers that complete their jobs in the transaction in which they save.</summary>
public abstract class Completing<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    private readonly Trouble _trouble = new();
    private Shop _shop = null!;
    private int _runs;
    private int _attempts;

    [Theory]
    [InlineData(0, 0, "A1")]
    [InlineData(1, 0, "A2")]
    [InlineData(0, 1, "A1")]
    public async Task What_a_handler_saves_and_the_end_of_its_job_are_one_commit_whatever_makes_the_strategy_try_again(int before,
        int after, string saved)
    {
        await using var shop = _shop =
            await OpenAsync(works: true, simmer: s => s.AddJob((Basket _, JobContext context, CancellationToken _) => RunAsync(context)));
        (_trouble.Before, _trouble.After) = (before, after);

        var handle = await shop.Jobs.EnqueueAsync(new Basket([]), cancellationToken: Token);
        await handle.WaitAsync(Token);
        await shop.Services.GetRequiredService<SimmerNode>().Durable!.Table.WhenEmpty();

        (_trouble.Before, _trouble.After, _runs, _attempts).ShouldBe((0, 0, 1, 1 + before + after));
        (await shop.OrdersAsync()).ShouldBe([saved]);
        (await shop.StoredAsync()).Length.ShouldBe(2, "the job itself, and the one that was saved with the order");
    }

    private async Task RunAsync(JobContext context)
    {
        _runs++;
        await using var db = _shop.NewContext(o => o.AddInterceptors(_trouble), static d => new PatientStrategy(d));
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            db.Add($"A{++_attempts}");
            db.Jobs().Add(new Pack("A1"));
            await db.SaveChangesAsync(Token);
            await context.CompleteWithinAsync(transaction.GetDbTransaction(), Token);
            await transaction.CommitAsync(Token);
        });
    }
}
