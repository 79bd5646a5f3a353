using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class WrongRideTests(RunningShop running)
{
    [Theory]
    [InlineData("Nowhere & 4", "Mint & 8", "From")]
    [InlineData("Basil & 4", "Mint & 17", "To")]
    [InlineData("", "Mint & 8", "From")]
    public async Task AnAddressOutsideTheCitySaysWhichThereAre(string from, string to, string field)
    {
        var problem = await ProblemOf(new { from, to });

        var said = problem.GetProperty("errors").GetProperty(field)[0].GetString().ShouldNotBeNull();
        said.ShouldContain(from == "" ? "required" : "the streets are Anise, Basil,");
        if (from != "")
        {
            said.ShouldContain("the avenues 1 to 16");
        }
    }

    [Fact]
    public async Task ARideToWhereOneIsIsRefused() =>
        (await ProblemOf(new { from = "Basil & 4", to = "basil&4" })).GetProperty("detail").GetString()
            .ShouldBe("You are at Basil & 4 already; ask for a ride to another address.");

    [Fact]
    public Task ARideToNowhereAtAllIsRefused() => ProblemOf(new { from = "Basil & 4" });

    [Theory]
    [InlineData("/rides/0b54e9c6-6f2b-4c8a-9a3e-000000000000")]
    [InlineData("/rides/0b54e9c6-6f2b-4c8a-9a3e-000000000000/positions")]
    public async Task AnUnknownRideIsNotFound(string path)
    {
        using var response = await running.Shop.Http.GetAsync(path, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
    }

    private async Task<JsonElement> ProblemOf(object form)
    {
        using var response = await running.Shop.Http.PostAsJsonAsync("/rides", form, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
