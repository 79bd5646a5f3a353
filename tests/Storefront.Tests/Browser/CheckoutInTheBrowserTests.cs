using Microsoft.Playwright;
using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class CheckoutInTheBrowserTests(RunningShop running, Chromium chromium)
{
    [Fact]
    public async Task BuyingShowsEachStepAsItGoesAndWhatCameOfIt()
    {
        // The first order in a process takes long to be accepted, and its payment runs meanwhile: the page would come too late to show it.
        // So another order comes first.
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:GatewayDelay=00:00:02");
        await shop.FinishedAsync(await shop.OrderAsync(Guid.NewGuid(), card: "card-declined"));
        var page = await OpenAsync(shop);
        var errors = page.Errors();
        await page.EvaluateAsync("""
            () => {
              window.statesSeen = new Set();
              new MutationObserver(() => {
                for (const box of document.querySelectorAll('#order-graph .box'))
                  window.statesSeen.add(`${box.querySelector('.name').textContent} ${box.dataset.state}`);
              }).observe(document.querySelector('#order-graph'), { subtree: true, attributes: true, childList: true });
            }
            """);

        await ClickAsync(page, "Buy");

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("succeeded");
        var seen = await page.EvaluateAsync<string[]>("() => [...window.statesSeen]");
        foreach (var moment in (string[])["payment running", "confirmation waiting", "payment succeeded", "stock running",
            "invoice running", "confirmation running", "confirmation succeeded"])
        {
            seen.ShouldContain(moment);
        }

        await FactsAsync(page, "€89.00 charged.", "One piece laid aside.", "Confirmation mail sent.");
        await Expect(page.Locator("#jobs li").First.State()).ToHaveTextAsync("succeeded");
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Fact]
    public async Task ADeclinedCardShowsThatNothingWasChargedAndNothingIsToGiveBack()
    {
        var page = await OpenAsync();

        await ClickAsync(page, "Buy with a declined card");

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("failed");
        await StatesAsync(page, ("payment", "failed"), ("stock", "skipped"), ("confirmation", "skipped"), ("payment/undo", "skipped"));
        await FactsAsync(page, "The card was declined.", "Nothing charged.", "Nothing to give back.", "No mail sent.");
        await page.CloseAsync();
    }

    [Fact]
    public async Task WhatSomebodyElseTookShowsTheRefund()
    {
        var page = await OpenAsync();

        await ClickAsync(page, "Buy the last one that somebody else took");

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("failed");
        await StatesAsync(page, ("payment", "succeeded"), ("stock", "failed"), ("confirmation", "skipped"), ("payment/undo", "succeeded"),
            ("stock/undo", "skipped"));
        await FactsAsync(page, "Somebody else took the last Antique fish kettle.", "€249.00 charged.", "€249.00 given back.",
            "No piece laid aside.", "No mail sent.");
        await page.CloseAsync();
    }

    [Fact]
    public async Task ASlowPaymentIsCancelledFromThePage()
    {
        var page = await OpenAsync();
        await ClickAsync(page, "Buy with a slow card, to cancel");
        await StatesAsync(page, ("payment", "running"));

        await ClickAsync(page, "Cancel the order");

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("cancelled");
        await FactsAsync(page, "The order was cancelled.", "Nothing charged.", "No mail sent.");
        await page.CloseAsync();
    }

    [Fact]
    public async Task AfterABrokenConnectionTheSecondTryIsTheSameOrder()
    {
        var page = await OpenAsync();
        var sent = new List<string>();
        await page.RouteAsync("**/checkout", async route =>
        {
            sent.Add(route.Request.PostData!);
            if (sent.Count > 1)
            {
                await route.ContinueAsync();
                return;
            }

            // The server takes the order, and the answer gets lost.
            await route.FetchAsync();
            await route.AbortAsync();
        });

        await ClickAsync(page, "Buy");
        await Expect(page.Locator("#checkout-said")).ToHaveClassAsync("said wrong");
        await ClickAsync(page, "Buy");

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("succeeded");
        sent.Count.ShouldBe(2);
        sent[1].ShouldBe(sent[0]);
        await page.CloseAsync();
    }

    [Fact]
    public async Task WithManyOrdersUnderWayThePageKeepsConnectionsFreeForClicks()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.AddInitScriptAsync("""
            window.streams = { open: 0, most: 0 };
            window.EventSource = class extends EventSource {
              constructor(url) { super(url); window.streams.most = Math.max(window.streams.most, ++window.streams.open); }
              close() { if (this.readyState !== 2) window.streams.open--; super.close(); }
            };
            """);
        await page.ReloadAsync();
        await page.OpenTabAsync("Checkout");
        for (var order = 1; order <= 5; order++)
        {
            await ClickAsync(page, "Buy with a slow card, to cancel");
            await Expect(page.Locator("#jobs li[data-state=running]")).ToHaveCountAsync(order);
        }

        await page.OpenTabAsync("Shop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
        await Expect(page.Locator("#shelf tbody tr").First).ToBeVisibleAsync();

        (await page.EvaluateAsync<int>("() => window.streams.most")).ShouldBe(3);
        for (var order = 5; order >= 1; order--)
        {
            await page.Locator("#jobs li[data-state=running]").First.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
            await Expect(page.Locator("#jobs li[data-state=running]")).ToHaveCountAsync(order - 1);
        }

        await page.CloseAsync();
    }

    [Fact]
    public async Task ThePageSeesAKilledOrderGoOnAndFinish()
    {
        // The page comes back to the same address, so the second process must listen on the first one's port.
        var url = $"urls=http://127.0.0.1:{FreePort.Next()}";
        using var data = new TemporaryDirectory();
        using var killed = await Shop.StartAsync(data.Path, url, "Storefront:GatewayDelay=00:00:02");
        var page = await OpenAsync(killed);
        await ClickAsync(page, "Buy");
        await StatesAsync(page, ("payment", "succeeded"), ("stock", "running"));

        killed.Kill();
        using var shop = await Shop.StartAsync(data.Path, url);

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("succeeded");
        await FactsAsync(page, "€89.00 charged.", "One piece laid aside.", "Confirmation mail sent.");
        (await shop.QueryAsync<long>("SELECT count(*) FROM payments")).ShouldBe(1);
        Directory.EnumerateFiles(data["mail"], "*.eml").ShouldHaveSingleItem();
        await page.CloseAsync();
    }

    [Fact]
    public async Task AnOrderThatIsListedAMomentBeforeItsStepsIsShownOnceTheyAreThere()
    {
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path);
        var page = await chromium.OpenAsync(shop.Address);
        var early = true;
        await page.RouteAsync("**/jobs/workflows/**", route => early ? route.FulfillAsync(new() { Status = 404 }) : route.ContinueAsync());
        var order = Guid.NewGuid();
        await shop.FinishedAsync(await shop.OrderAsync(order));
        await page.OpenTabAsync("Checkout");
        await Expect(page.Locator("#order-facts")).ToContainTextAsync("The steps of this order are not known");

        early = false;
        await page.Locator($"[data-order='{order}']").ClickAsync();

        await Expect(page.Locator("#order-state")).ToHaveTextAsync("succeeded");
        await FactsAsync(page, "€89.00 charged.", "Confirmation mail sent.");
        await page.CloseAsync();
    }

    private Task<IPage> OpenAsync() => OpenAsync(running.Shop);

    private async Task<IPage> OpenAsync(Shop shop)
    {
        var page = await chromium.OpenAsync(shop.Address);
        await page.OpenTabAsync("Checkout");
        return page;
    }

    private static Task ClickAsync(IPage page, string button) =>
        page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static async Task StatesAsync(IPage page, params (string Step, string State)[] steps)
    {
        foreach (var (step, state) in steps)
        {
            await Expect(page.Step("order", step)).ToHaveAttributeAsync("data-state", state);
        }
    }

    private static async Task FactsAsync(IPage page, params string[] facts)
    {
        foreach (var fact in facts)
        {
            await Expect(page.Locator("#order-facts li", new() { HasText = fact })).ToBeVisibleAsync();
        }
    }
}
