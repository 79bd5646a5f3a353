namespace Storefront.Ride;

/// <summary>A city of streets and avenues; made by <see cref="CityPlan"/>.</summary>
public sealed class City
{
    private readonly ILookup<int, Street> _from;
    private readonly Dictionary<string, Crossing> _byAddress;

    public City(IReadOnlyList<Crossing> crossings, IReadOnlyList<Street> streets, IReadOnlyList<Zone> zones, IReadOnlyList<Park> parks)
    {
        (Crossings, Streets, Zones, Parks) = (crossings, streets, zones, parks);
        _from = streets.ToLookup(street => street.From);
        _byAddress = crossings.ToDictionary(crossing => Key(crossing.Address), StringComparer.OrdinalIgnoreCase);
        TopKmh = streets.Select(street => street.Kmh).DefaultIfEmpty(1).Max();
    }

    public IReadOnlyList<Crossing> Crossings { get; }

    public IReadOnlyList<Street> Streets { get; }

    public IReadOnlyList<Zone> Zones { get; }

    public IReadOnlyList<Park> Parks { get; }

    /// <summary>The speed on its fastest street.</summary>
    public int TopKmh { get; }

    /// <summary>The streets that one may take at a crossing.</summary>
    public IEnumerable<Street> StreetsFrom(int crossing) => _from[crossing];

    public Zone ZoneOf(Crossing crossing) => Zones.First(zone => zone.Contains(crossing));

    /// <summary>Whether there is a crossing of this address, in capitals or not, with blanks or without.</summary>
    public bool Has(string address) => _byAddress.ContainsKey(Key(address));

    /// <summary>The crossing of an address that there is.</summary>
    public Crossing Find(string address) => _byAddress[Key(address)];

    private static string Key(string address) => address.Replace(" ", "");
}
