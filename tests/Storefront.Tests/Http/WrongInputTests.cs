using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class WrongInputTests(RunningShop running)
{
    private HttpClient Http => running.Shop.Http;

    [Theory]
    [InlineData("", "Ada")]
    [InlineData("not an address", "Ada")]
    [InlineData("ada@example.org", "")]
    public async Task ASignUpThatLacksSomethingSaysWhat(string email, string name) =>
        (await ProblemOf(Http.PostAsJsonAsync("/signup", new { email, name }, TestContext.Current.CancellationToken),
            HttpStatusCode.BadRequest))
            .GetProperty("errors").EnumerateObject().ShouldNotBeEmpty();

    [Fact]
    public Task ASignUpOfUnusualSizeIsRefused() =>
        ProblemOf(Http.PostAsJsonAsync("/signup", new { email = "ada@example.org", name = new string('x', 20_000) },
            TestContext.Current.CancellationToken), HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public Task ASignUpThatIsNoJsonIsRefused() =>
        ProblemOf(Http.PostAsync("/signup", new StringContent("{", new MediaTypeHeaderValue("application/json")),
            TestContext.Current.CancellationToken), HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("", "The header lacks sku, name, price, stock.")]
    [InlineData("sku,name,price\nA,B,1\n", "The header lacks stock.")]
    public async Task AFileWithoutItsColumnsIsRefusedAtOnceAndNotKept(string csv, string detail)
    {
        var before = Uploads();

        var problem = await ProblemOf(PostFileAsync(csv, "text/csv"), HttpStatusCode.BadRequest);

        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith(detail);
        Uploads().Except(before).ShouldBeEmpty();
    }

    [Fact]
    public Task AnotherKindOfBodyIsRefused() => ProblemOf(PostFileAsync("{}", "application/json"), HttpStatusCode.BadRequest);

    [Fact]
    public Task ABrokenFormIsRefused() =>
        ProblemOf(PostFileAsync("no boundary anywhere", "multipart/form-data; boundary=b"), HttpStatusCode.BadRequest);

    [Fact]
    public Task AFormWithoutABoundaryIsRefused() => ProblemOf(PostFileAsync("x", "multipart/form-data"), HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10000001")]
    [InlineData("many")]
    public Task ASampleOfNoSensibleSizeIsRefused(string rows) =>
        ProblemOf(Http.PostAsync($"/samples?rows={rows}", null, TestContext.Current.CancellationToken), HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("nothing.csv")]
    [InlineData("..%2Fshop.db")]
    public async Task OnlySamplesAreServedAndImported(string name)
    {
        (await Http.GetAsync($"/samples/{name}", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await ProblemOf(Http.PostAsync($"/samples/{name}/import", null, TestContext.Current.CancellationToken), HttpStatusCode.NotFound);
    }

    [Fact]
    public Task AnUnknownImportIsNotFound() =>
        ProblemOf(Http.GetAsync($"/imports/{Guid.NewGuid()}", TestContext.Current.CancellationToken), HttpStatusCode.NotFound);

    [Fact]
    public async Task AFinishedImportCannotBeContinued()
    {
        var job = await running.Shop.ImportAsync("sku,name,price,stock\nW-1,Whisk,3.00,1\n");
        await running.Shop.FinishedAsync(job);

        await ProblemOf(Http.PostAsync($"/imports/{job.IdOf()}/continue", null, TestContext.Current.CancellationToken),
            HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task OnlyAnImportCanBeContinued()
    {
        // A job that could be tried again, and one that has done its work.
        var sample = await running.Shop
            .AcceptedAsync(await Http.PostAsync("/samples?rows=9999999", null, TestContext.Current.CancellationToken));
        await running.Shop.PostAsync($"{sample.AbsolutePath}/cancel");
        (await running.Shop.FinishedAsync(sample)).State().ShouldBe("cancelled");
        var welcome = await running.Shop.SignUpAsync("continue@example.org");
        await running.Shop.FinishedAsync(welcome);

        foreach (var job in new[] { sample.IdOf(), welcome.IdOf(), $"{Guid.NewGuid()}" })
        {
            await ProblemOf(Http.PostAsync($"/imports/{job}/continue", null, TestContext.Current.CancellationToken),
                HttpStatusCode.NotFound);
        }

        (await running.Shop.FinishedAsync(sample)).State().ShouldBe("cancelled");
    }

    [Fact]
    public Task AnUnknownJobIsNotFound() =>
        ProblemOf(Http.GetAsync($"/jobs/{Guid.NewGuid()}", TestContext.Current.CancellationToken), HttpStatusCode.NotFound);

    private string[] Uploads() => Directory.GetFiles(Path.Combine(running.Shop.Data, "uploads"));

    private Task<HttpResponseMessage> PostFileAsync(string text, string type)
    {
        var content = new StringContent(text);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return Http.PostAsync("/imports", content, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> ProblemOf(Task<HttpResponseMessage> answer, HttpStatusCode status)
    {
        using var response = await answer;
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
