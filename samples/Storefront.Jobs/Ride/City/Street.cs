namespace Storefront.Ride;

/// <summary>A piece of street between two crossings, in one direction. A two-way street is two of them.</summary>
/// <param name="From">The crossing it begins at.</param>
/// <param name="To">The crossing it ends at.</param>
/// <param name="Metres">Its length.</param>
/// <param name="Kmh">How fast one drives on it.</param>
public sealed record Street(int From, int To, double Metres, int Kmh)
{
    /// <summary>How long one drives along it.</summary>
    public double Seconds => Metres * 3.6 / Kmh;
}
