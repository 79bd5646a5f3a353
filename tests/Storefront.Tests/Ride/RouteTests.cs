using Storefront.Ride;

namespace Storefront.Tests.Ride;

public sealed class RouteTests
{
    private readonly Route _route = new(300, [new(7, 0, 0, 0), new(8, 100, 0, 10), new(9, 100, 200, 30)]);

    [Theory]
    [InlineData(0, 0, 0, 0, 7)]
    [InlineData(5, 50, 0, 0, 7)]
    [InlineData(10, 100, 0, 90, 8)]
    [InlineData(20, 100, 100, 90, 8)]
    [InlineData(30, 100, 200, 90, 9)]
    [InlineData(99, 100, 200, 90, 9)]
    public void ACarIsWhereItsTimeHasBroughtIt(double seconds, double x, double y, double heading, int crossing) =>
        _route.PositionAt(seconds).ShouldBe(new CarPosition(x, y, heading, crossing));
}
