namespace Storefront.Ride;

/// <summary>Finds the quickest way between two crossings: A*, with the time at top speed as the crow flies as what is left at
/// least.</summary>
public sealed class RouteFinder(City city)
{
    /// <returns>The quickest route; <see langword="null"/>: no street leads there.</returns>
    public Route? Find(int from, int to)
    {
        var best = new Dictionary<int, double> { [from] = 0 };
        var cameBy = new Dictionary<int, Street>();
        var done = new HashSet<int>();
        var open = new PriorityQueue<int, double>();
        open.Enqueue(from, AtLeast(from, to));
        while (open.TryDequeue(out var at, out _) && at != to)
        {
            // A crossing that was reached a second, quicker time is in the queue twice.
            if (!done.Add(at))
            {
                continue;
            }

            foreach (var street in city.StreetsFrom(at))
            {
                var seconds = best[at] + street.Seconds;
                if (!best.TryGetValue(street.To, out var known) || seconds < known)
                {
                    best[street.To] = seconds;
                    cameBy[street.To] = street;
                    open.Enqueue(street.To, seconds + AtLeast(street.To, to));
                }
            }
        }

        return best.ContainsKey(to) ? Trace(from, to, cameBy, best) : null;
    }

    private double AtLeast(int from, int to)
    {
        var (a, b) = (city.Crossings[from], city.Crossings[to]);
        return double.Hypot(b.X - a.X, b.Y - a.Y) * 3.6 / city.TopKmh;
    }

    private Route Trace(int from, int to, Dictionary<int, Street> cameBy, Dictionary<int, double> best)
    {
        var stops = new List<RouteStop>();
        var metres = 0d;
        for (var at = to; ; at = cameBy[at].From)
        {
            var crossing = city.Crossings[at];
            stops.Add(new RouteStop(at, crossing.X, crossing.Y, best[at]));
            if (at == from)
            {
                stops.Reverse();
                return new Route(metres, stops);
            }

            metres += cameBy[at].Metres;
        }
    }
}
