using Simmer;
using Storefront.Checkout;
using Storefront.Compare;
using Storefront.Import;
using Storefront.Ride;
using Storefront.Shared;
using Storefront.SignUp;
using Storefront.Video;

namespace Storefront;

public static class Features
{
    /// <summary>Registers the store and the jobs of all features, the same in the shop and in a worker. It knows nothing of HTTP.</summary>
    public static SimmerBuilder AddFeatures(this SimmerBuilder simmer, DataDirectory data, IConfiguration configuration) => simmer
        .UseStore(data, configuration)
        .AddSignUp()
        .AddImport()
        .AddCompare()
        .AddCheckout()
        .AddRide()
        .AddVideo(configuration);

    /// <summary>PostgreSQL where <c>Simmer:Postgres</c> is a connection string; otherwise a SQLite file, with no server to
    /// install.</summary>
    private static SimmerBuilder UseStore(this SimmerBuilder simmer, DataDirectory data, IConfiguration configuration) =>
        configuration["Simmer:Postgres"] is { Length: > 0 } ? simmer.UsePostgres() : simmer.UseSqlite($"Data Source={data.JobsDatabase}");
}
