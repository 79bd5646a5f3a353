using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class RideTests
{
    private static readonly string[] s_quick =
        ["Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=80", "Storefront:Ride:Tick=00:00:00.02"];

    // The cars hardly move, so that a claimed driver stays claimed as long as the test looks.
    private static readonly string[] s_slow =
        ["Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=0.1", "Storefront:Ride:Tick=00:00:00.05"];

    [Fact]
    public async Task ARideGoesFromTheRequestToTheArrivalAndItsPositionsArePushed()
    {
        using var data = new TemporaryDirectory();
        // Slow enough for the client to be there before the first driver is found.
        using var shop = await Shop.StartAsync(data.Path, [.. s_quick, "Storefront:GatewayDelay=00:00:02", "Storefront:Ride:Speed=25"]);
        var id = await shop.RequestRideAsync("Dill & 13");

        var events = await shop.PositionsAsync(id, cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        events.Select(one => one.Ride.State()).Distinct().ShouldBe(["searching", "coming", "riding", "arrived"]);
        events.Select(one => one.Event).Distinct().ShouldBe(["position", "end"]);
        events.Select(one => one.Id).ShouldBeInOrder();
        var riding = events.Where(one => one.Ride.State() == "riding").Select(one => one.Ride.GetProperty("secondsLeft").GetDouble())
            .ToList();
        riding.Distinct().Count().ShouldBeGreaterThan(10);
        riding.ShouldBeInOrder(SortDirection.Descending);
        events[^1].Ride.GetProperty("secondsLeft").GetDouble().ShouldBe(0, 1e-6);

        var ended = await shop.EndedRideAsync(id);
        ended.State().ShouldBe("succeeded");
        (ended.StateOf("assign/undo"), ended.StateOf("call-off")).ShouldBe(("skipped", "skipped"));
        var driver = events[^1].Ride.GetProperty("driver").GetProperty("id").GetInt64();
        (await shop.BusyDriversAsync()).ShouldBe(0);
        (await shop.QueryAsync<long>("SELECT d.crossing = r.destination FROM drivers d, rides r WHERE d.id = @driver AND r.id = @id",
            new { driver, id })).ShouldBe(1);
    }

    [Fact]
    public async Task TheZonesThatAreAskedAreThoseNearThePassenger()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, s_quick);

        var corner = await shop.EndedRideAsync(await shop.RequestRideAsync("Anise & 1", "Basil & 1"));
        var middle = await shop.EndedRideAsync(await shop.RequestRideAsync("Ginger & 8", "Basil & 1"));

        Zones(corner).ShouldBe(["find/lighthouse"]);
        Zones(middle).ShouldBe(["find/harbour", "find/fish-market", "find/cathedral", "find/market", "find/university", "find/mill"],
            ignoreOrder: true);
    }

    [Fact]
    public async Task TenPeopleWhoAskAtOnceGetTenDrivers()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, s_slow);

        var rides = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => shop.RequestRideAsync("Ginger & 8")));
        var drivers = new List<int>();
        foreach (var ride in rides)
        {
            drivers.Add((await shop.RideAsync(ride, "coming", "riding")).GetProperty("driver").GetProperty("id").GetInt32());
        }

        drivers.ShouldBeUnique();
        (await shop.BusyDriversAsync()).ShouldBe(10);
    }

    [Fact]
    public async Task WithoutAFreeDriverTheRideFailsAndSaysSo()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, [.. s_slow, "Storefront:Ride:Drivers=0", "Storefront:Ride:Patience=00:00:00"]);

        var id = await shop.RequestRideAsync();

        var ended = await shop.EndedRideAsync(id);
        ended.State().ShouldBe("failed");
        (ended.StateOf("assign"), ended.StateOf("pick-up"), ended.StateOf("drive"), ended.StateOf("assign/undo"), ended.StateOf("call-off"))
            .ShouldBe(("failed", "skipped", "skipped", "skipped", "succeeded"));
        var (name, _, ride) = await shop.PositionsAsync(id, cancellationToken: TestContext.Current.CancellationToken)
            .FirstAsync(TestContext.Current.CancellationToken);
        (name, ride.State()).ShouldBe(("end", "off"));
        ride.GetProperty("reason").GetString().ShouldNotBeNull().ShouldStartWith("no driver is free near Basil & 4");
    }

    [Fact]
    public async Task WhoWaitsForADriverGetsTheNextOneWhoIsFree()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, [.. s_slow, "Storefront:Ride:Drivers=1", "Storefront:Ride:Patience=00:05:00"]);
        var only = await shop.Http.GetFromJsonAsync<JsonElement>("/rides/drivers", TestContext.Current.CancellationToken);
        var from = await AddressAsync(shop, only[0]);
        var first = await shop.RequestRideAsync(from, from == "Mint & 8" ? "Mint & 9" : "Mint & 8");
        await shop.RideAsync(first, "coming", "riding");
        var second = await shop.RequestRideAsync(from, from == "Mint & 8" ? "Mint & 9" : "Mint & 8");
        await shop.JobAsync(new Uri(shop.Address, $"/jobs/workflows/{second}"), "waits for a driver",
            workflow => workflow.StateOf("assign") == "scheduled");

        await shop.CancelRideAsync(first);

        (await shop.RideAsync(second, "coming", "riding")).GetProperty("driver").GetProperty("id").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task CancellingTheRideFreesTheDriverWhereverTheCarIs()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, [.. s_quick, "Storefront:Ride:Speed=20"]);
        var id = await shop.RequestRideAsync();
        await Eventually.TrueAsync("the car has passed some crossings",
            async () => await shop.QueryAsync<double>("SELECT driven FROM rides WHERE state = 2") > 30);

        await shop.CancelRideAsync(id);

        var ended = await shop.EndedRideAsync(id);
        ended.State().ShouldBe("cancelled");
        (ended.StateOf("drive"), ended.StateOf("assign/undo"), ended.StateOf("call-off")).ShouldBe(("cancelled", "succeeded", "succeeded"));
        (await shop.BusyDriversAsync()).ShouldBe(0);
        var ride = await shop.RideAsync(id);
        (ride.State(), ride.GetProperty("reason").GetString()).ShouldBe(("off", "cancelled"));
        (await shop.QueryAsync<long>("SELECT d.crossing NOT IN (r.pickup, r.destination) FROM drivers d, rides r WHERE d.id = @driver",
            new { driver = ride.GetProperty("driver").GetProperty("id").GetInt32() })).ShouldBe(1, "the car is on its way, at neither end");
    }

    [Fact]
    public async Task SeveralWatchARideAndWhoLeavesIsForgotten()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, s_slow);
        var id = await shop.RequestRideAsync();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using (var one = shop.PositionsAsync(id, cancellationToken: TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken))
        await using (var other = shop.PositionsAsync(id, cancellationToken: leaves.Token).GetAsyncEnumerator(leaves.Token))
        {
            (await one.MoveNextAsync()).ShouldBeTrue();
            (await other.MoveNextAsync()).ShouldBeTrue();
            await WatchingAsync(shop, id, 2);
            (await one.MoveNextAsync()).ShouldBeTrue();
        }

        await WatchingAsync(shop, id, 0);
    }

    [Fact]
    public async Task WhoComesBackIsToldOnlyWhatIsNew()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, s_quick);
        var id = await shop.RequestRideAsync("Basil & 4", "Basil & 3");
        await shop.RideAsync(id, "arrived");

        var (name, last, _) = await shop.PositionsAsync(id, lastEventId: 1, cancellationToken: TestContext.Current.CancellationToken)
            .SingleAsync(TestContext.Current.CancellationToken);

        name.ShouldBe("end");
        using var again = new HttpRequestMessage(HttpMethod.Get,
            $"/rides/{id}/positions") { Headers = { { "Last-Event-ID", last.ToString() } } };
        (await shop.Http.SendAsync(again, TestContext.Current.CancellationToken)).StatusCode
            .ShouldBe(HttpStatusCode.NoContent, "an event source that is told 204 does not come back");
    }

    private static Task WatchingAsync(Shop shop, string id, int count) =>
        Eventually.TrueAsync($"{count} watch", async () => (await shop.RideAsync(id)).GetProperty("watching").GetInt32() == count);

    private static IEnumerable<string> Zones(JsonElement workflow) =>
        workflow.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("kind").GetString() == "ask-zone")
            .Select(step => step.GetProperty("name").GetString()!);

    private static async Task<string> AddressAsync(Shop shop, JsonElement driver)
    {
        var city = await shop.Http.GetFromJsonAsync<JsonElement>("/rides/city", TestContext.Current.CancellationToken);
        return city.GetProperty("crossings").EnumerateArray()
            .Single(crossing => crossing.GetProperty("x").GetDouble() == driver.GetProperty("x").GetDouble() && crossing.GetProperty("y")
                .GetDouble() == driver.GetProperty("y").GetDouble())
            .GetProperty("address").GetString()!;
    }
}
