using Storefront;
using Storefront.Shared;

// The shop's background without the shop: no web server, no ASP.NET Core. It works on the jobs of the same database and data directory,
// beside the shop or without it, and as many of it as you start.
var builder = Host.CreateApplicationBuilder(args);
var data = DataDirectory.Open(builder.Configuration, builder.Environment);
builder.Services.AddShared(data);
builder.Services.AddSimmerCore().AddFeatures(data, builder.Configuration);

await builder.Build().RunAsync();
