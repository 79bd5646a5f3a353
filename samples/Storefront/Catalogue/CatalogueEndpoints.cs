namespace Storefront.Catalogue;

public static class CatalogueEndpoints
{
    public static IEndpointRouteBuilder MapCatalogue(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/catalogue", () => Favourites.All);
        routes.MapGet("/products",
            (ProductShelf shelf, CancellationToken cancellationToken, string? search = null, long import = 0, long line = 0) =>
            shelf.BrowseAsync(search, import, line, cancellationToken));
        return routes;
    }
}
