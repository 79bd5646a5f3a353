using Storefront.Ride;

namespace Storefront.Tests.Ride;

public sealed class RouteFinderTests
{
    [Fact]
    public void TheRouteIsAsQuickAsTheQuickestOfAllWays()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var city = SmallCity(new Random(seed));
            var quickest = FloydWarshall(city);
            foreach (var (from, to) in Pairs(city))
            {
                var route = new RouteFinder(city).Find(from, to);

                // Both infinite, where no way leads: their difference is no number.
                var tooLong = (route?.Seconds ?? double.PositiveInfinity) - quickest[from, to];
                (double.IsNaN(tooLong) || Math.Abs(tooLong) < 1e-6)
                    .ShouldBeTrue($"seed {seed}, from {from} to {to}: {route?.Seconds}, and {quickest[from, to]} at best");
            }
        }
    }

    [Fact]
    public void ARouteFollowsTheStreetsInTheirDirectionAndCountsTheirTime()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var city = SmallCity(new Random(seed));
            foreach (var (from, to) in Pairs(city))
            {
                if (new RouteFinder(city).Find(from, to) is { } route)
                {
                    (route.Stops[0].Crossing, route.Stops[^1].Crossing).ShouldBe((from, to));
                    var streets = route.Stops
                        .Zip(route.Stops.Skip(1),
                        (a, b) => city.Streets.Single(street => (street.From, street.To) == (a.Crossing, b.Crossing))).ToList();
                    route.Metres.ShouldBe(streets.Sum(street => street.Metres), 1e-6);
                    route.Seconds.ShouldBe(streets.Sum(street => street.Seconds), 1e-6);
                }
            }
        }
    }

    [Fact]
    public void AFastWayRoundBeatsASlowWayStraightOn()
    {
        // 0 ─20─ 1 ─20─ 2
        // └─50── 3 ─50──┘   (through the row below)
        Crossing[] crossings = [At(0, 0, 0), At(1, 100, 0), At(2, 200, 0), At(3, 0, 50), At(4, 200, 50)];
        Street[] streets = [new(0, 1, 100, 10), new(1, 2, 100, 10), new(0, 3, 50, 50), new(3, 4, 200, 50), new(4, 2, 50, 50)];

        var route = new RouteFinder(new City(crossings, streets, [], [])).Find(0, 2);

        route.ShouldNotBeNull().Stops.Select(stop => stop.Crossing).ShouldBe([0, 3, 4, 2]);
    }

    [Fact]
    public void WhoIsThereAlreadyDrivesNoTime()
    {
        var route = new RouteFinder(CityPlan.Draw(1)).Find(5, 5).ShouldNotBeNull();

        (route.Seconds, route.Metres).ShouldBe((0, 0));
        route.PositionAt(1).Crossing.ShouldBe(5);
    }

    /// <summary>Up to five by four crossings; streets are missing, one-way, and of different speeds.</summary>
    private static City SmallCity(Random random)
    {
        var (columns, rows) = (random.Next(1, 6), random.Next(1, 5));
        var x = Enumerable.Range(0, columns).Select(column => (column * 100d) + random.Next(60)).ToArray();
        var y = Enumerable.Range(0, rows).Select(row => (row * 100d) + random.Next(60)).ToArray();
        Crossing[] crossings = [.. from row in Enumerable.Range(0, rows) from column in Enumerable.Range(0, columns)
            select At((row * columns) + column, x[column], y[row])];
        var streets = new List<Street>();
        foreach (var from in crossings)
        {
            foreach (var to in crossings.Where(to => IsNextTo(from.Id, to.Id) && random.Next(100) < 70))
            {
                streets.Add(new Street(from.Id, to.Id, double.Hypot(to.X - from.X, to.Y - from.Y), random.Next(1, 6) * 10));
            }
        }

        return new City(crossings, streets, [], []);

        bool IsNextTo(int a, int b) => Math.Abs((a % columns) - (b % columns)) + Math.Abs((a / columns) - (b / columns)) == 1;
    }

    private static double[,] FloydWarshall(City city)
    {
        var count = city.Crossings.Count;
        var seconds = new double[count, count];
        foreach (var (from, to) in Pairs(city))
        {
            seconds[from, to] = from == to ? 0 : double.PositiveInfinity;
        }

        foreach (var street in city.Streets)
        {
            seconds[street.From, street.To] = street.Seconds;
        }

        for (var over = 0; over < count; over++)
        {
            foreach (var (from, to) in Pairs(city))
            {
                seconds[from, to] = Math.Min(seconds[from, to], seconds[from, over] + seconds[over, to]);
            }
        }

        return seconds;
    }

    private static IEnumerable<(int From, int To)> Pairs(City city) =>
        from a in city.Crossings from b in city.Crossings select (a.Id, b.Id);

    private static Crossing At(int id, double x, double y) => new(id, 0, 0, x, y, $"{id}");
}
