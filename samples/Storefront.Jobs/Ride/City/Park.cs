namespace Storefront.Ride;

/// <summary>Two blocks in one, without the street between them.</summary>
/// <param name="From">The crossing at its north-west corner.</param>
/// <param name="To">The crossing at its south-east corner.</param>
public sealed record Park(int From, int To);
