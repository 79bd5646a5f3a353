using Storefront.Tests.App;

namespace Storefront.Tests.Processes;

/// <summary>The shop answers, workers work, on one PostgreSQL database; any of them may be killed.</summary>
public sealed class KilledFleetTests
{
    [Fact]
    public async Task WhatAShopPromisedBeforeItWasKilledIsDoneByAWorker()
    {
        using var place = await ShopOnPostgres.CreateAsync();
        var killed = await place.StartShopAsync(ShopOnPostgres.WebOnly);
        var order = Guid.NewGuid();
        var (mail, workflow) = (await killed.SignUpAsync("ada@example.org"), await killed.OrderAsync(order));
        killed.Kill();
        place.Mails().ShouldBeEmpty("a shop that is no worker worked");

        await place.StartWorkerAsync();
        await Eventually.TrueAsync("both mails are there", () => Task.FromResult(place.Mails().Length >= 2));

        var shop = await place.StartShopAsync(ShopOnPostgres.WebOnly);
        (await shop.FinishedAsync(new Uri(shop.Address, mail.AbsolutePath))).State().ShouldBe("succeeded");
        (await shop.FinishedAsync(new Uri(shop.Address, workflow.AbsolutePath))).State().ShouldBe("succeeded");
        var books = await shop.BooksAsync(order);
        (books.ChargedCents, books.RefundedCents, books.Reserved).ShouldBe((8_900, 0, true));
        place.Mails().ShouldBe([$"{mail.IdOf()}.eml", $"{books.Mail}.eml"], ignoreOrder: true);
    }

    [Fact]
    public async Task ACarWhoseWorkerIsKilledIsDrivenOnByAnotherWhileTheShopWatches()
    {
        using var place = await ShopOnPostgres
            .CreateAsync("Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=20", "Storefront:Ride:Tick=00:00:00.05");
        var shop = await place.StartShopAsync(ShopOnPostgres.WebOnly);
        var killed = await place.StartWorkerAsync();
        var id = await shop.RequestRideAsync();
        await Eventually.TrueAsync("the passenger is on the way",
            async () => await shop.QueryAsync<double>("SELECT driven FROM rides WHERE state = 2") > 20);

        killed.Kill();

        var left = await SecondsLeftAsync(shop, id);
        left.ShouldBeGreaterThan(0, "the kill came too late to mean anything");
        var driver = await shop.QueryAsync<long>("SELECT id FROM drivers WHERE ride = @id", new { id });
        await place.StartWorkerAsync();
        var moves = 0;
        await foreach (var (_, _, ride) in shop.PositionsAsync(id, cancellationToken: TestContext.Current.CancellationToken))
        {
            ride.GetProperty("secondsLeft").GetDouble().ShouldBeLessThanOrEqualTo(left + 1e-6, "the car went back");
            ride.GetProperty("driver").GetProperty("id").GetInt64().ShouldBe(driver);
            moves++;
        }

        moves.ShouldBeGreaterThan(1, "somebody drove it on");
        (await shop.EndedRideAsync(id)).State().ShouldBe("succeeded");
        (await shop.RideAsync(id)).State().ShouldBe("arrived");
        (await shop.BusyDriversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task AWorkerWorksOnlyOnItsQueues()
    {
        using var place = await ShopOnPostgres.CreateAsync("Storefront:GatewayDelay=00:00:00.05");
        var shop = await place.StartShopAsync(ShopOnPostgres.WebOnly);
        var mail = await shop.SignUpAsync("ada@example.org");

        await place.StartWorkerAsync("Simmer:Worker:Queues=checkout");
        var order = await shop.OrderAsync(Guid.NewGuid());
        await shop.StepAsync(order, "stock", "succeeded");
        (await shop.JobAsync(mail, "is known", _ => true)).State().ShouldBe("ready");

        await place.StartWorkerAsync("Simmer:Worker:Queues=mail,imports");
        (await shop.FinishedAsync(mail)).State().ShouldBe("succeeded");
        (await shop.FinishedAsync(order)).State().ShouldBe("succeeded", "its last step is a mail");
    }

    private static async Task<double> SecondsLeftAsync(Shop shop, string ride) =>
        (await shop.RideAsync(ride)).GetProperty("secondsLeft").GetDouble();
}
