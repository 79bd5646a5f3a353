using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class KilledCheckoutTests
{
    private static readonly string[] s_stages = ["payment", "stock", "confirmation"];

    [Fact]
    public async Task OrdersWhoseProcessIsKilledAtEachStepAreChargedOnceAndConfirmedOnce()
    {
        using var data = new TemporaryDirectory();
        var orders = new Dictionary<Guid, Uri>();
        foreach (var stage in s_stages)
        {
            using var killed = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:01.5");
            var order = Guid.NewGuid();
            orders[order] = await killed.OrderAsync(order);
            await killed.StepAsync(orders[order], stage, "running");
            killed.Kill();
        }

        using var shop = await Shop.StartAsync(data.Path);
        foreach (var (order, workflow) in orders)
        {
            var ended = await shop.FinishedAsync(new Uri(shop.Address, workflow.AbsolutePath));
            ended.State().ShouldBe("succeeded");
            var books = await shop.BooksAsync(order);
            (books.ChargedCents, books.RefundedCents, books.Reserved).ShouldBe((8_900, 0, true));
            File.Exists(Path.Combine(data["mail"], $"{books.Mail}.eml")).ShouldBeTrue();
        }

        foreach (var table in (string[])["payments", "reservations", "invoices", "confirmations"])
        {
            (await shop.QueryAsync<long>($"SELECT count(*) FROM {table}")).ShouldBe(orders.Count, table);
        }

        (await shop.QueryAsync<long>("SELECT pieces FROM stock WHERE product_id = 'saucepan'")).ShouldBe(10_000 - orders.Count);
        Directory.EnumerateFiles(data["mail"], "*.eml").Count().ShouldBe(orders.Count);
    }
}
