namespace Storefront.Import;

/// <summary>One product of a file.</summary>
public sealed record Product(string Sku, string Name, long PriceCents, long Stock);
