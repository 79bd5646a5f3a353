using Storefront.Catalogue;

namespace Storefront.Checkout;

/// <summary>What can be ordered: the shop window, and one thing that is always gone a moment before.</summary>
public static class Wares
{
    /// <summary>The page still shows one; by the time the payment is through, somebody else has it.</summary>
    public static Favourite LastOne { get; } = new("fish-kettle", "Antique fish kettle", 24_900, "The last one.");

    public static IReadOnlyList<Favourite> All { get; } = [.. Favourites.All, LastOne];

    public static Favourite? Find(string id) => All.FirstOrDefault(ware => ware.Id == id);

    public static long PiecesAtFirst(string id) => id == LastOne.Id ? 0 : 10_000;
}
