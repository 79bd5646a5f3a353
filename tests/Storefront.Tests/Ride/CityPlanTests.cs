using Storefront.Ride;

namespace Storefront.Tests.Ride;

public sealed class CityPlanTests
{
    [Fact]
    public void TheSameSeedDrawsTheSameCity()
    {
        CityPlan.Draw(3).Streets.ShouldBe(CityPlan.Draw(3).Streets);
        CityPlan.Draw(3).Streets.ShouldNotBe(CityPlan.Draw(4).Streets);
    }

    [Fact]
    public void EverythingIsReachedFromEverywhere()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var city = CityPlan.Draw(seed);
            var routes = new RouteFinder(city);

            // From one to all and from all to one is from all to all.
            city.Crossings.ShouldAllBe(crossing => routes.Find(0, crossing.Id) != null && routes.Find(crossing.Id, 0) != null);
        }
    }

    [Fact]
    public void ItHasOneWayStreetsDifferentSpeedsAndParks()
    {
        var city = CityPlan.Draw(7);
        var there = city.Streets.Select(street => (street.From, street.To)).ToHashSet();

        city.Streets.Count(street => !there.Contains((street.To, street.From))).ShouldBeGreaterThan(50);
        city.Streets.Select(street => street.Kmh).Distinct().Order().ShouldBe([20, 30, 50]);
        city.Parks.Count.ShouldBe(6);
    }

    [Fact]
    public void EveryCrossingIsInOneZone()
    {
        var city = CityPlan.Draw(7);

        city.Crossings.ShouldAllBe(crossing => city.Zones.Count(zone => zone.Contains(crossing)) == 1);
    }

    [Theory]
    [InlineData("Basil & 4")]
    [InlineData("basil&4")]
    [InlineData(" BASIL  & 4 ")]
    public void AnAddressIsFoundHoweverItIsWritten(string address)
    {
        var city = CityPlan.Draw(7);

        city.Has(address).ShouldBeTrue();
        (city.Find(address).Column, city.Find(address).Row).ShouldBe((3, 1));
    }
}
