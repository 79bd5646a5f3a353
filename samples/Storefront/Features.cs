using Simmer;
using Storefront.Checkout;
using Storefront.Compare;
using Storefront.Import;
using Storefront.Ride;
using Storefront.Shared;
using Storefront.SignUp;
using Storefront.Video;

namespace Storefront;

internal static class Features
{
    /// <summary>The store and the jobs of all features: the same in the shop and in a worker.</summary>
    public static SimmerBuilder AddFeatures(this SimmerBuilder simmer, DataDirectory data, IConfiguration configuration) => simmer
        .UseSqlite($"Data Source={data.JobsDatabase}")
        .AddSignUp()
        .AddImport()
        .AddCompare()
        .AddCheckout()
        .AddRide()
        .AddVideo(configuration);
}
