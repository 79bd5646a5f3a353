using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class NotifyTests(RunningShop running)
{
    [Fact]
    public async Task TheNotificationArrivesAfterTheResponse()
    {
        var response = await running.Shop.Http.PostAsync("/notify/linus@example.org", null, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await FeedAsync()).ShouldNotContain(email => email == "linus@example.org");
        await Eventually.TrueAsync("the notification has arrived", async () => (await FeedAsync()).Contains("linus@example.org"));
    }

    [Fact]
    public async Task ARefusedRequestNotifiesNobody()
    {
        var response = await running.Shop.Http.PostAsync("/notify/nobody", null, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        (await FeedAsync()).ShouldNotContain(email => email == "nobody");
    }

    private async Task<IEnumerable<string>> FeedAsync()
    {
        var feed = await running.Shop.Http.GetFromJsonAsync<JsonElement>("/notifications", TestContext.Current.CancellationToken);
        return feed.EnumerateArray().Select(notification => notification.GetProperty("email").GetString()!);
    }
}
