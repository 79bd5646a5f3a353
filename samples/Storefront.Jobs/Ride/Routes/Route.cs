namespace Storefront.Ride;

/// <summary>A way through the city.</summary>
/// <param name="Metres">Its length.</param>
/// <param name="Stops">The crossings on it, the first and the last included.</param>
public sealed record Route(double Metres, IReadOnlyList<RouteStop> Stops)
{
    /// <summary>How long one drives, as the city counts.</summary>
    public double Seconds => Stops[^1].At;

    /// <summary>Where the car is after so many seconds.</summary>
    public CarPosition PositionAt(double seconds)
    {
        var next = 0;
        while (next < Stops.Count && Stops[next].At <= seconds)
        {
            next++;
        }

        var from = Stops[Math.Max(0, next - 1)];
        var to = Stops[Math.Min(next, Stops.Count - 1)];
        var along = to.At > from.At ? Math.Clamp((seconds - from.At) / (to.At - from.At), 0, 1) : 0;
        var (x, y) = (from.X + ((to.X - from.X) * along), from.Y + ((to.Y - from.Y) * along));
        return new CarPosition(x, y, HeadingAt(next), from.Crossing);
    }

    /// <summary>At the end the car looks where it came along.</summary>
    private double HeadingAt(int next)
    {
        var to = Math.Clamp(next, Math.Min(1, Stops.Count - 1), Stops.Count - 1);
        var (a, b) = (Stops[Math.Max(0, to - 1)], Stops[to]);
        return Math.Atan2(b.Y - a.Y, b.X - a.X) * 180 / Math.PI;
    }
}

/// <summary>A crossing on a route.</summary>
/// <param name="Crossing">The crossing.</param>
/// <param name="X">Its place, in metres from the west.</param>
/// <param name="Y">Its place, in metres from the north.</param>
/// <param name="At">When one is there, in seconds from the start.</param>
public sealed record RouteStop(int Crossing, double X, double Y, double At);

/// <summary>Where a car is.</summary>
/// <param name="X">Metres from the west.</param>
/// <param name="Y">Metres from the north.</param>
/// <param name="Heading">Where it looks, in degrees: 0 is east, 90 is south.</param>
/// <param name="Crossing">The crossing that it passed last.</param>
public sealed record CarPosition(double X, double Y, double Heading, int Crossing);
