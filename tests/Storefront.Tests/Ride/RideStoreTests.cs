using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Storefront.Ride;
using Storefront.Shared;
using Storefront.Tests.App;

namespace Storefront.Tests.Ride;

/// <summary>The rides and the fleet on their own: no jobs, no HTTP.</summary>
public sealed class RideStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly City _city = CityPlan.Draw(7);
    private readonly RideSignals _signals = new();
    private readonly RideStore _rides;
    private readonly Fleet _fleet;

    public RideStoreTests()
    {
        var data = DataDirectory.Open(
            new ConfigurationBuilder().AddInMemoryCollection([new("Storefront:DataDirectory", _directory.Path)]).Build(),
            Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _directory.Path }).Environment);
        var database = new RideDatabase(new ShopDatabase(data), _city, Options.Create(new RideOptions { Drivers = 5 }));
        _rides = new RideStore(database, _signals, TimeProvider.System);
        _fleet = new Fleet(database, _city, _signals);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OfManyWhoClaimTheSameDriversEachGetsAnotherUntilThereIsNone()
    {
        var offers = await OffersAsync();
        var rides = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => RequestAsync()));

        var claims = await Task.WhenAll(rides
            .Select(ride => Task.Run(() => _fleet.ClaimAsync(ride, offers, Trip(), CancellationToken.None))));

        claims.OfType<Assignment>().Select(claim => claim.Driver.Id).Order().ShouldBe([1, 2, 3, 4, 5]);
        (await _fleet.AllAsync(CancellationToken.None)).ShouldAllBe(one => !one.IsFree);
    }

    [Fact]
    public async Task ARideThatClaimsAgainGetsTheDriverItHas()
    {
        var ride = await RequestAsync();
        var first = await _fleet.ClaimAsync(ride, await OffersAsync(), Trip(), CancellationToken.None);

        var second = await _fleet.ClaimAsync(ride, (await OffersAsync())[1..], Trip(), CancellationToken.None);

        second.ShouldNotBeNull().Driver.ShouldBe(first.ShouldNotBeNull().Driver);
        (await _fleet.AllAsync(CancellationToken.None)).Count(one => !one.IsFree).ShouldBe(1);
    }

    [Fact]
    public async Task ADriverWhoHasMovedAwayMeanwhileIsNotClaimed()
    {
        var offers = await OffersAsync();
        var elsewhere = offers[0] with { Driver = offers[0].Driver with { Crossing = (offers[0].Driver.Crossing + 1) % 100 } };

        (await _fleet.ClaimAsync(await RequestAsync(), [elsewhere], Trip(), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task ARideThatIsOffClaimsNobody()
    {
        var ride = await RequestAsync();
        await _rides.CallOffAsync(ride, "cancelled", CancellationToken.None);

        await Should.ThrowAsync<RideOverException>(async () => await _fleet
            .ClaimAsync(ride, await OffersAsync(), Trip(), CancellationToken.None));

        (await _fleet.AllAsync(CancellationToken.None)).ShouldAllBe(one => one.IsFree);
    }

    [Fact]
    public async Task OfTwoAttemptsAtOneDriveTheOneThatWasFrozenDoesNotMoveTheCar()
    {
        var frozen = await AssignedAsync();
        var moved = await _rides.MoveAsync(frozen, 4, frozen.Assignment!.Driver.Crossing, CancellationToken.None);

        await Should.ThrowAsync<InvalidOperationException>(() => _rides.MoveAsync(frozen, 1, frozen.Pickup, CancellationToken.None));

        (await _rides.GetAsync(frozen.Id, CancellationToken.None)).Driven.ShouldBe(moved.Driven);
    }

    [Fact]
    public async Task FreeingADriverLateDoesNotTakeHimFromTheNextRide()
    {
        var first = await AssignedAsync();
        var arrived = await _rides.ReachAsync(await _rides.ReachAsync(first, CancellationToken.None), CancellationToken.None);
        arrived.State.ShouldBe(RideState.Arrived);
        var offers = await OffersAsync();
        var next = await _fleet.ClaimAsync(await RequestAsync(), [.. offers.Where(offer => offer.Driver.Id == first.Assignment!.Driver.Id)],
            Trip(), CancellationToken.None);

        await _fleet.FreeAsync(first.Id, CancellationToken.None);

        (await _fleet.AllAsync(CancellationToken.None)).Single(one => !one.IsFree).Driver.Id.ShouldBe(next.ShouldNotBeNull().Driver.Id);
        next.Driver.Crossing.ShouldBe(first.Destination);
    }

    [Fact]
    public async Task WhoWatchesHearsOfEachChangeAndLeavesNothingBehind()
    {
        var ride = await AssignedAsync();
        using (var one = _signals.Listen(ride.Id))
        using (var other = _signals.Listen(ride.Id))
        {
            _signals.CountOf(ride.Id).ShouldBe(2);
            var waits = one.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            waits.IsCompleted.ShouldBeFalse();

            ride = await _rides.MoveAsync(ride, 1, ride.Pickup, CancellationToken.None);
            ride = await _rides.MoveAsync(ride, 2, ride.Pickup, CancellationToken.None);

            (await waits).ShouldBeTrue();
            (await other.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeTrue();
            (await other.WaitAsync(TimeSpan.Zero, TestContext.Current.CancellationToken))
                .ShouldBeFalse("two changes before the first look are one");
        }

        _signals.CountOf(ride.Id).ShouldBe(0);
    }

    private Route Trip() => new RouteFinder(_city).Find(20, 150)!;

    private async Task<Guid> RequestAsync()
    {
        var ride = Guid.CreateVersion7();
        await _rides.AddAsync(ride, _city.Crossings[20], _city.Crossings[150], CancellationToken.None);
        return ride;
    }

    private async Task<RideSnapshot> AssignedAsync()
    {
        var ride = await RequestAsync();
        await _fleet.ClaimAsync(ride, await OffersAsync(), Trip(), CancellationToken.None);
        return await _rides.GetAsync(ride, CancellationToken.None);
    }

    private async Task<List<Offer>> OffersAsync()
    {
        var routes = new RouteFinder(_city);
        return [.. (await _fleet.AllAsync(CancellationToken.None))
            .Select(one => new Offer(one.Driver, routes.Find(one.Driver.Crossing, 20)!))];
    }
}
