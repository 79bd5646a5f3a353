namespace Storefront.Catalogue;

/// <summary>The shop window: a few things that are always there.</summary>
public static class Favourites
{
    public static IReadOnlyList<Favourite> All { get; } =
    [
        new("saucepan", "Copper saucepan", 8_900, "Holds its heat, and 1.6 litres."),
        new("kettle", "Whistling kettle", 4_200, "Tells you when it is done. So do we."),
        new("mug", "Stoneware mug", 1_450, "For the coffee while you wait for nothing."),
        new("board", "Beech board", 3_600, "Takes every cut with good grace."),
        new("knife", "Cook's knife", 7_400, "20 cm, sharp, forgiving of nothing."),
        new("ladle", "Long ladle", 1_900, "Reaches the bottom of any stockpot."),
        new("timer", "Kitchen timer", 2_300, "Fires exactly once."),
        new("mortar", "Marble mortar", 5_100, "Breaks large things into small ones."),
    ];
}

/// <summary>One thing in the shop window.</summary>
public sealed record Favourite(string Id, string Name, long PriceCents, string Text);
