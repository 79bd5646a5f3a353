using Storefront.Catalogue;

namespace Storefront.Checkout;

/// <summary>What can be ordered: the things in the shop window, and one that is always sold out at the last moment.</summary>
public static class Wares
{
    /// <summary>The page still shows one piece. When the payment is through, another customer has bought it.</summary>
    public static Favourite LastOne { get; } = new("fish-kettle", "Antique fish kettle", 24_900, "The last one.");

    public static IReadOnlyList<Favourite> All { get; } = [.. Favourites.All, LastOne];

    public static Favourite? Find(string id) => All.FirstOrDefault(ware => ware.Id == id);

    public static long PiecesAtFirst(string id) => id == LastOne.Id ? 0 : 10_000;
}
