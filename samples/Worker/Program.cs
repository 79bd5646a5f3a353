using Storefront;
using Storefront.Shared;

// A worker for the shop's jobs, without a web server and without ASP.NET Core. It works on the jobs of the same database and data
// directory, beside the shop or without it. Start as many as you like.
var builder = Host.CreateApplicationBuilder(args);
var data = DataDirectory.Open(builder.Configuration, builder.Environment);
builder.Services.AddShared(data);
builder.Services.AddSimmerCore().AddFeatures(data, builder.Configuration);

await builder.Build().RunAsync();
