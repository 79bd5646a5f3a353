using Storefront;
using Storefront.Catalogue;
using Storefront.Checkout;
using Storefront.Compare;
using Storefront.Import;
using Storefront.Notify;
using Storefront.Ride;
using Storefront.Shared;
using Storefront.SignUp;
using Storefront.Video;

var builder = WebApplication.CreateBuilder(args);
var data = DataDirectory.Open(builder.Configuration, builder.Environment);
builder.Services.AddShared(data);
builder.Services.AddNotify();
builder.Services.AddSingleton<ProductShelf>();
builder.Services.AddSingleton<RideWatch>();
builder.Services.AddSingleton<Timings>();
builder.Services.AddSingleton<VideoUpload>();
builder.Services.AddSimmer().AddFeatures(data, builder.Configuration);

builder.Services.AddProblemDetails();
builder.Services.AddValidation();

var app = builder.Build();

app.UseExceptionHandler(new ExceptionHandlerOptions
{
    // A request that cannot be read is its sender's mistake, in development as well.
    StatusCodeSelector = static exception =>
        exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
});
app.UseStatusCodePages();      // problem details for whatever has no body of its own
app.UseFileServer();           // the page: wwwroot

app.MapCatalogue();
app.MapSignUp();
app.MapImport();
app.MapSamples();
app.MapNotify();
app.MapCompare();
app.MapCheckout();
app.MapRide();
app.MapVideo();

// Progress, results, cancel. This shop cannot tell its users apart, so anybody who knows an id, or an address that has signed up, may see
// what is done for it. A real shop decides who may, with RequireAuthorization() here or with Authorize.
app.MapJobs("/jobs", o => o.AllowGuessableIds = true);

app.Run();
