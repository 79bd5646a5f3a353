using Storefront.Shared;

namespace Storefront;

/// <summary>The same program without a web server: it only works on jobs, of the same data directory as the shop.</summary>
internal static class Worker
{
    public static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        var data = DataDirectory.Open(builder.Configuration, builder.Environment);
        builder.Services.AddShared(data);
        builder.Services.AddSimmerCore().AddFeatures(data, builder.Configuration);
        await builder.Build().RunAsync();
    }
}
