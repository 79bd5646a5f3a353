namespace Storefront.Ride;

/// <summary>Draws a city: the same seed gives the same city. Everything can be reached from everywhere, because every street and avenue
/// ends at the two-way ring road.</summary>
public static class CityPlan
{
    public const int Columns = 16;
    public const int Rows = 12;

    private const int ZoneSize = 4;
    private const int RingKmh = 50;

    private static readonly string[] s_streets =
        ["Anise", "Basil", "Caraway", "Dill", "Fennel", "Ginger", "Juniper", "Lovage", "Mint", "Nutmeg", "Oregano", "Pepper"];

    private static readonly string[] s_zones =
        ["Lighthouse", "Harbour", "Fish Market", "Shipyard", "Old Town", "Cathedral", "Market", "Station", "Orchard", "University", "Mill",
            "Brewery"];

    /// <summary>The names of the streets, from north to south; the avenues have numbers, from west to east.</summary>
    public static IReadOnlyList<string> StreetNames => s_streets;

    public static City Draw(int seed)
    {
        var random = new Random(seed);
        var crossings = Crossings(Distances(random, Columns), Distances(random, Rows));
        var streets = new List<Street>();
        for (var row = 0; row < Rows; row++)
        {
            var (y, lanes) = (row, Lanes.Choose(random, row, Rows));
            lanes.Pave(streets, [.. Enumerable.Range(0, Columns).Select(column => crossings[IdOf(column, y)])]);
        }

        for (var column = 0; column < Columns; column++)
        {
            var (x, lanes) = (column, Lanes.Choose(random, column, Columns));
            lanes.Pave(streets, [.. Enumerable.Range(0, Rows).Select(row => crossings[IdOf(x, row)])]);
        }

        var parks = Plant(random, streets, count: 6);
        return new City(crossings, streets, Zones(), parks);
    }

    private static int IdOf(int column, int row) => (row * Columns) + column;

    private static double[] Distances(Random random, int count)
    {
        var distances = new double[count];
        for (var i = 1; i < count; i++)
        {
            distances[i] = distances[i - 1] + random.Next(8, 14) * 10;
        }

        return distances;
    }

    private static List<Crossing> Crossings(double[] x, double[] y) =>
    [
        .. from row in Enumerable.Range(0, Rows)
           from column in Enumerable.Range(0, Columns)
           select new Crossing(IdOf(column, row), column, row, x[column], y[row], $"{s_streets[row]} & {column + 1}"),
    ];

    private static Zone[] Zones() =>
    [
        .. s_zones.Select((name, i) => new Zone(
            name.ToLowerInvariant().Replace(' ', '-'), name, i % (Columns / ZoneSize) * ZoneSize, i / (Columns / ZoneSize) * ZoneSize,
                ZoneSize)),
    ];

    /// <summary>Replaces some streets between two blocks by parks, wherever every crossing can still be reached.</summary>
    private static List<Park> Plant(Random random, List<Street> streets, int count)
    {
        var parks = new List<Park>();
        for (var tries = 0; parks.Count < count && tries < 200; tries++)
        {
            var (column, row) = (random.Next(2, Columns - 2), random.Next(1, Rows - 2));
            var (north, south) = (IdOf(column, row), IdOf(column, row + 1));
            var between = streets.Where(street => (street.From, street.To) == (north, south) || (street.From, street.To) == (south, north))
                .ToList();
            var isFree = parks.TrueForAll(park => Math.Abs((park.From % Columns) - column + 1) > 2 || Math
                .Abs((park.From / Columns) - row) > 1);
            if (isFree && between is not [] && between[0].Kmh < RingKmh && EverythingIsReachable(streets.Except(between)))
            {
                streets.RemoveAll(between.Contains);
                parks.Add(new Park(IdOf(column - 1, row), IdOf(column + 1, row + 1)));
            }
        }

        return parks;
    }

    private static bool EverythingIsReachable(IEnumerable<Street> streets)
    {
        var all = streets.ToList();
        return Reaches(all.ToLookup(street => street.From, street => street.To))
            && Reaches(all.ToLookup(street => street.To, street => street.From));

        static bool Reaches(ILookup<int, int> next)
        {
            var seen = new HashSet<int> { 0 };
            var open = new Queue<int>(seen);
            while (open.TryDequeue(out var at))
            {
                foreach (var neighbour in next[at].Where(seen.Add))
                {
                    open.Enqueue(neighbour);
                }
            }

            return seen.Count == Columns * Rows;
        }
    }

    /// <summary>Which ways a whole street goes, and how fast.</summary>
    private sealed record Lanes(bool Forth, bool Back, int Kmh)
    {
        public static Lanes Choose(Random random, int index, int count)
        {
            // The ring road and the boulevards are wide; of the others, more than half are one-way, in turns.
            var isWide = index == 0 || index == count - 1 || index % 5 == 0;
            var isOneWay = random.Next(100) < 60;
            var kmh = random.Next(100) < 25 ? 20 : 30;
            return isWide ? new Lanes(true, true, RingKmh)
                : isOneWay ? new Lanes(index % 2 == 0, index % 2 != 0, kmh)
                : new Lanes(true, true, kmh);
        }

        public void Pave(List<Street> streets, IReadOnlyList<Crossing> line)
        {
            foreach (var (from, to) in line.Zip(line.Skip(1)))
            {
                var metres = Math.Abs(to.X - from.X) + Math.Abs(to.Y - from.Y);
                if (Forth)
                {
                    streets.Add(new Street(from.Id, to.Id, metres, Kmh));
                }

                if (Back)
                {
                    streets.Add(new Street(to.Id, from.Id, metres, Kmh));
                }
            }
        }
    }
}
