using Microsoft.Playwright;
using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class RideInTheBrowserTests(Chromium chromium)
{
    [Fact]
    public async Task ThePageShowsTheStepsAndTheCarAsItMovesUntilItArrives()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop
            .StartAsync(data.Path, "Storefront:GatewayDelay=00:00:03", "Storefront:Ride:Speed=30", "Storefront:Ride:Tick=00:00:00.05");
        var page = await OpenAsync(shop);
        var errors = page.Errors();
        await WatchCarAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" }).ClickAsync();

        // The steps that were added at run time: the zones, which run side by side.
        await page
            .WaitForFunctionAsync("() => document.querySelectorAll('#ride-graph [aria-label^=\"find/\"][data-state=running]').length > 1");
        await Expect(page.Locator("#ride-car")).ToHaveAttributeAsync("data-shown", "yes");
        await Expect(Step(page, "drive")).ToHaveAttributeAsync("data-state", "running");
        await Expect(page.Locator("#city .route.trip")).ToHaveCountAsync(1);
        await Expect(page.Locator("#ride-said")).ToContainTextAsync("On the way with");

        await Expect(page.Locator("#ride-said")).ToContainTextAsync("You are there: Nutmeg & 12.");
        await Expect(Step(page, "drive")).ToHaveAttributeAsync("data-state", "succeeded");
        await Expect(Step(page, "assign/undo")).ToHaveAttributeAsync("data-state", "skipped");
        (await page.EvaluateAsync<string[]>("() => window.carSeen")).Distinct().Count().ShouldBeGreaterThan(10);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" })).ToBeVisibleAsync();
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Fact]
    public async Task ARideIsCancelledFromThePageAndItsDriverIsFreeAgain()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=2");
        var page = await OpenAsync(shop);
        await page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" }).ClickAsync();
        await Expect(page.Locator("#city .driver[data-state=yours]")).ToHaveCountAsync(1);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the ride" }).ClickAsync();

        await Expect(page.Locator("#ride-said")).ToHaveTextAsync("The ride is cancelled. No driver is kept waiting.");
        await Expect(Step(page, "assign/undo")).ToHaveAttributeAsync("data-state", "succeeded");
        await Expect(page.Locator("#city .driver[data-state=free]")).ToHaveCountAsync(32);
        await Expect(page.Locator("#ride-car")).ToHaveAttributeAsync("data-shown", "no");
        await page.CloseAsync();
    }

    [Fact]
    public async Task ThePageSaysThatNoDriverIsFree()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop
            .StartAsync(data.Path, "Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Drivers=0", "Storefront:Ride:Patience=00:00:03");
        var page = await OpenAsync(shop);

        await page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" }).ClickAsync();

        await Expect(page.Locator("#ride-said")).ToHaveTextAsync("No driver is free near Basil & 4; looking again.");
        await Expect(page.Locator("#ride-said")).ToContainTextAsync("No ride: no driver is free near Basil & 4; looked for");
        await page.CloseAsync();
    }

    [Fact]
    public async Task AReloadedPageGoesOnWatchingAndAnotherPageWatchesAsWell()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:00.05", "Storefront:Ride:Speed=2");
        var page = await OpenAsync(shop);
        await page.GetByRole(AriaRole.Button, new() { Name = "Request a ride" }).ClickAsync();
        await Expect(page.Locator("#ride-car")).ToHaveAttributeAsync("data-shown", "yes");

        await page.ReloadAsync();
        var id = await page.EvaluateAsync<string>("() => localStorage.getItem('storefront.ride')");
        var other = await chromium.OpenAsync(shop.Address);
        await other.GotoAsync($"/?ride={id}#ride");

        await Expect(page.Locator("#ride-car")).ToHaveAttributeAsync("data-shown", "yes");
        await Expect(other.Locator("#ride-car")).ToHaveAttributeAsync("data-shown", "yes");
        await Expect(page.Locator("#ride-watching")).ToHaveTextAsync("2 are watching");
        await page.CloseAsync();
        await other.CloseAsync();
    }

    private async Task<IPage> OpenAsync(Shop shop)
    {
        var page = await chromium.OpenAsync(shop.Address);
        await page.OpenTabAsync("Ride");
        await Expect(page.Locator("#city .pin")).ToHaveCountAsync(2);
        return page;
    }

    private static ILocator Step(IPage page, string name) =>
        page.Locator("#ride-graph .box", new() { Has = page.Locator("title", new() { HasTextString = name + ":" }) });

    private static Task WatchCarAsync(IPage page) => page.EvaluateAsync("""
        () => {
          window.carSeen = [];
          const car = document.querySelector('#ride-car');
          new MutationObserver(() => window.carSeen.push(car.style.transform))
            .observe(car, { attributes: true, attributeFilter: ['style'] });
        }
        """);
}
