namespace Storefront.Compare;

/// <summary>The three ways to do the same thing.</summary>
public static class Ways
{
    public const string Inline = "inline";
    public const string AfterResponse = "after-response";
    public const string Durable = "durable";

    public static IReadOnlyList<string> All { get; } = [Inline, AfterResponse, Durable];
}
