using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class KilledRideTests
{
    private static readonly string[] s_settings =
        ["Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=20", "Storefront:Ride:Tick=00:00:00.05"];

    [Fact]
    public async Task ACarWhoseServerWasKilledGoesOnFromWhereItWas()
    {
        using var data = new TemporaryDirectory();
        string id;
        double driven;
        long driver;
        using (var killed = await Shop.StartAsync(data.Path, s_settings))
        {
            id = await killed.RequestRideAsync();
            await Eventually.TrueAsync("the passenger is on the way",
                async () => await killed.QueryAsync<double>("SELECT driven FROM rides WHERE state = 2") > 20);
            killed.Kill();
            driven = await killed.QueryAsync<double>("SELECT driven FROM rides WHERE state = 2");
            driver = await killed.QueryAsync<long>("SELECT id FROM drivers WHERE ride = @id", new { id });
        }

        driven.ShouldBeGreaterThan(20, "the kill came too late to mean anything");
        using var shop = await Shop.StartAsync(data.Path, s_settings);
        var total = 0d;
        var moves = 0;
        await foreach (var (_, _, ride) in shop.PositionsAsync(id, cancellationToken: TestContext.Current.CancellationToken))
        {
            var left = ride.GetProperty("secondsLeft").GetDouble();
            total = total == 0 ? left + driven : total;
            (total - left).ShouldBeGreaterThanOrEqualTo(driven - 1e-6, "the car went back");
            ride.GetProperty("driver").GetProperty("id").GetInt64().ShouldBe(driver);
            moves++;
        }

        moves.ShouldBeGreaterThan(10);
        (await shop.EndedRideAsync(id)).State().ShouldBe("succeeded");
        (await shop.RideAsync(id)).State().ShouldBe("arrived");
        (await shop.BusyDriversAsync()).ShouldBe(0);
    }
}
