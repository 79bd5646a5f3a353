using Dapper;
using Storefront.Shared;

namespace Storefront.Catalogue;

/// <summary>The imported products, a page at a time. Readable while an import writes.</summary>
public sealed class ProductShelf(ShopDatabase shop)
{
    private const int PageSize = 20;

    /// <summary>The page of products after a row. It begins at a row and not at a page number, because skipping half a million rows would
    /// cost as much as reading them.</summary>
    public async Task<ShelfPage> BrowseAsync(string? search, long afterImport, long afterLine, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var products = await connection.QueryAsync<ShelfProduct>(new CommandDefinition("""
            SELECT import, line, sku, name, price_cents AS priceCents, stock FROM products
            WHERE (import, line) > (@afterImport, @afterLine)
                AND (@search = '' OR instr(lower(name), lower(@search)) OR instr(lower(sku), lower(@search)))
            ORDER BY import, line LIMIT @PageSize
            """, new { afterImport, afterLine, search = search?.Trim() ?? "", PageSize }, cancellationToken: cancellationToken));

        // The imports have counted their rows; counting a million rows for each page would be slow.
        var total = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT coalesce(sum(imported), 0) FROM imports", cancellationToken: cancellationToken));
        return new ShelfPage(total, [.. products]);
    }
}

/// <summary>A page of imported products.</summary>
/// <param name="Total">How many products there are in all.</param>
/// <param name="Products">Those of this page.</param>
public sealed record ShelfPage(long Total, IReadOnlyList<ShelfProduct> Products);

/// <summary>An imported product and where it came from.</summary>
public sealed record ShelfProduct(long Import, long Line, string Sku, string Name, long PriceCents, long Stock);
