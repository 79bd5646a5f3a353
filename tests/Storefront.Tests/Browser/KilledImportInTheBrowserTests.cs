using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class KilledImportInTheBrowserTests(Chromium chromium)
{
    private const int Rows = 1_000_000;

    [Fact]
    public async Task ThePageSeesAKilledImportResumeAndFinish()
    {
        // The page comes back to the same address, so the second process must listen on the first one's port.
        var url = $"urls=http://127.0.0.1:{FreePort.Next()}";
        using var data = new TemporaryDirectory();
        using var killed = await Shop.StartAsync(data.Path, url);
        await killed.MakeSampleAsync(Rows);

        // The browser starts before the import, because it takes longer to start than a fast machine takes to import.
        var page = await chromium.OpenAsync(killed.Address);
        var job = await killed.ImportSampleAsync($"products-{Rows}.csv");
        await page.ReloadAsync();
        var card = page.Locator("#jobs li", new() { HasText = $"Import of products-{Rows}.csv" });
        await page.WaitForFunctionAsync("() => document.querySelector('#jobs progress')?.value > 0.05");

        killed.Kill();
        (await killed.QueryAsync<long>("SELECT imported FROM imports")).ShouldBeInRange(1_000, Rows - 1_000);
        await page.WatchProgressAsync();
        using var shop = await Shop.StartAsync(data.Path, url);

        await Expect(card.State()).ToHaveTextAsync("succeeded");
        (await page.ProgressSeenAsync()).Distinct().Count().ShouldBeGreaterThanOrEqualTo(3);
        await shop.EveryRowIsThereOnceAsync(job, Rows);
        await page.CloseAsync();
    }
}
