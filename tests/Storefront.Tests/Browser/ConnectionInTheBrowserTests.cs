using Microsoft.Playwright;
using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class ConnectionInTheBrowserTests(RunningShop running, Chromium chromium)
{
    [Fact]
    public async Task ThePageSaysThatTheServerIsAwayAndGoesOnWhenItIsBack()
    {
        var url = $"urls=http://127.0.0.1:{FreePort.Next()}";
        string[] settings = [url, "Storefront:GatewayDelay=00:00:00.1", "Storefront:Ride:Speed=6", "Storefront:Ride:Tick=00:00:00.05"];
        using var data = new TemporaryDirectory();
        using var killed = await Shop.StartAsync(data.Path, settings);
        var page = await chromium.OpenAsync(killed.Address);
        var errors = page.Errors();
        await page.OpenTabAsync("Ride");
        await page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" }).ClickAsync();
        var card = page.Job("Ride to Nutmeg & 12");
        await Expect(card.State()).ToHaveTextAsync("running");

        killed.Kill();
        await Expect(page.Locator("#connection")).ToBeVisibleAsync();
        await Expect(card.State()).ToHaveTextAsync("no connection");
        await Expect(page.Locator("#ride-said")).ToContainTextAsync("No connection to the server.");

        // Whatever is opened and pressed meanwhile, nothing breaks without a word.
        foreach (var tab in new[] { "Shop", "Sign up", "Import", "Notify", "Video", "Checkout" })
        {
            await page.OpenTabAsync(tab);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Buy", Exact = true }).ClickAsync();
        await Expect(page.Locator("#checkout-said")).ToContainTextAsync("No connection to the server.");

        using var shop = await Shop.StartAsync(data.Path, settings);
        await Expect(page.Locator("#connection")).ToBeHiddenAsync();
        await Expect(card.State()).ToHaveTextAsync("succeeded");
        await page.GetByRole(AriaRole.Button, new() { Name = "Buy", Exact = true }).ClickAsync();
        await Expect(page.Locator("#checkout-said")).ToContainTextAsync("Ordered");
        await page.OpenTabAsync("Ride");
        await Expect(page.Locator("#ride-said")).ToContainTextAsync("You are there");
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("signup")]
    [InlineData("import")]
    [InlineData("notify")]
    [InlineData("compare")]
    [InlineData("checkout")]
    [InlineData("ride")]
    [InlineData("video")]
    public async Task ALinkToATabShowsItsHeadingOnAPhone(string tab)
    {
        var page = await chromium.OpenAsync(running.Shop.Address, width: 390, height: 640);

        await page.GotoAsync("about:blank");
        await page.GotoAsync($"/#{tab}", new() { WaitUntil = WaitUntilState.Load });
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");

        var hidden = await page
            .EvaluateAsync<double>($"() => document.querySelector('header').getBoundingClientRect().bottom - "
            + $"document.querySelector('#{tab} h1').getBoundingClientRect().top");
        hidden.ShouldBeLessThanOrEqualTo(0);
        await page.CloseAsync();
    }
}
