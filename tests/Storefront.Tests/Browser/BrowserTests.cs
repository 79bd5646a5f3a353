using Microsoft.Playwright;
using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class BrowserTests(RunningShop running, Chromium chromium)
{
    [Fact]
    public async Task SignUpAnswersAndShowsTheMailWhenItHasArrived()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        var errors = page.Errors();
        await page.OpenTabAsync("Sign up");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Ada");
        await page.GetByLabel("E-mail").FillAsync("ada@example.org");

        await page.Locator("#signup-form").GetByRole(AriaRole.Button).ClickAsync();

        await Expect(page.Locator("#signup-said")).ToContainTextAsync("You are in.");
        await Expect(page.Job("Welcome mail to ada@example.org").State()).ToHaveTextAsync("succeeded");
        await Expect(page.Locator("#mail-subject")).ToHaveTextAsync("Welcome to Simmer & Co., Ada");
        await Expect(page.Locator("#mail")).ToContainTextAsync("your account is ready");
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Fact]
    public async Task AnImportsProgressMovesWhileTheRestOfThePageStaysUsable()
    {
        await running.Shop.MakeSampleAsync(1_000_000);
        var page = await chromium.OpenAsync(running.Shop.Address);
        var errors = page.Errors();
        await page.OpenTabAsync("Import");
        await page.GetByLabel("CSV with the columns")
            .SetInputFilesAsync(Path.Combine(running.Shop.Data, "samples", "products-1000000.csv"));
        await page.WatchProgressAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and import" }).ClickAsync();
        var job = page.Job("Import of products-1000000.csv");
        await Expect(job.State()).ToHaveTextAsync("running");
        await page.WaitForFunctionAsync("() => document.querySelector('#jobs progress')?.value > 0");

        // Off to the shop, while it runs.
        await page.OpenTabAsync("Shop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add Whistling kettle to the basket" }).ClickAsync();
        await Expect(page.Locator("#basket")).ToHaveTextAsync("1");
        await page.GetByLabel("Search the shelf").FillAsync("kettle");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
        await Expect(page.Locator("#shelf tbody tr").First).ToContainTextAsync("kettle", new() { IgnoreCase = true });
        await Expect(job.State()).ToHaveTextAsync("running");

        await Expect(job.State()).ToHaveTextAsync("succeeded");
        var seen = await page.ProgressSeenAsync();
        seen.Distinct().Count().ShouldBeGreaterThanOrEqualTo(4, string.Join(" ", seen));
        seen.ShouldBeInOrder();
        await Expect(job).ToContainTextAsync("999,900 rows, 100 bad");
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Fact]
    public async Task BadRowsAreListedWithTheirLines()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.OpenTabAsync("Import");
        await page.GetByLabel("CSV with the columns").SetInputFilesAsync(new FilePayload
        {
            Name = "with-bad-rows.csv",
            MimeType = "text/csv",
            Buffer = "sku,name,price,stock\nB-1,Bowl,1.00,1\nB-2,Bowl,free,1\n"u8.ToArray(),
        });

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and import" }).ClickAsync();

        await Expect(page.Job("Import of with-bad-rows.csv").State()).ToHaveTextAsync("succeeded");
        var import = page.Locator("#imports li", new() { HasText = "with-bad-rows.csv" });
        await Expect(import).ToContainTextAsync("1 rows, 1 bad");
        await import.Locator("summary").ClickAsync();
        await Expect(import.Locator("ol")).ToContainTextAsync("line 3 the price 'free' is not a number such as 12.50");
        await page.CloseAsync();
    }

    [Fact]
    public async Task AFileThatCannotBeImportedSaysWhy()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.OpenTabAsync("Import");
        await page.GetByLabel("CSV with the columns")
            .SetInputFilesAsync(new FilePayload { Name = "cat.csv", MimeType = "text/csv", Buffer = "meow\n"u8.ToArray() });

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and import" }).ClickAsync();

        await Expect(page.Locator("#upload-said")).ToContainTextAsync("The header lacks sku, name, price, stock.");
        await page.CloseAsync();
    }

    [Fact]
    public async Task ARunningImportIsCancelledFromTheStrip()
    {
        var sample = await running.Shop.MakeSampleAsync(400_000);
        var page = await chromium.OpenAsync(running.Shop.Address);

        // Started elsewhere; the page finds it by itself when it is loaded.
        await running.Shop.ImportSampleAsync(sample);
        await page.ReloadAsync();
        var job = page.Locator("#jobs li[data-state=running]", new() { HasText = "Import of products-400000.csv" });

        await job.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.Locator("#jobs li[data-state=cancelled]")).ToContainTextAsync("Import of products-400000.csv");
        await page.CloseAsync();
    }

    [Fact]
    public async Task ANotificationArrivesAfterItsResponse()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.OpenTabAsync("Notify");
        await page.GetByLabel("Notify", new() { Exact = true }).And(page.Locator("input")).FillAsync("browser@example.org");

        await page.Locator("#notify-form").GetByRole(AriaRole.Button).ClickAsync();

        await Expect(page.Locator("#notify-said")).ToContainTextAsync("Notification sent in the background");
        await Expect(page.Locator("#feed")).ToContainTextAsync("browser@example.org was notified");
        await page.CloseAsync();
    }

    [Fact]
    public async Task TheBarsShowWhoWaits()
    {
        var page = await chromium.OpenAsync(running.Shop.Address);
        await page.OpenTabAsync("Compare");

        await page.GetByRole(AriaRole.Button, new() { Name = "Run 10 each" }).ClickAsync();

        await Expect(page.Locator("#compare-said")).ToHaveTextAsync("Done: every mail has gone out.");
        await Expect(page.Locator("[data-way=durable] .sent")).ToHaveTextAsync("10 of 10 mails sent");
        var (inline, after, durable) = (await WidthAsync("inline"), await WidthAsync("after-response"), await WidthAsync("durable"));
        inline.ShouldBeGreaterThan(after * 2);
        inline.ShouldBeGreaterThan(durable * 2);
        await page.CloseAsync();

        async Task<double> WidthAsync(string way) =>
            await page.Locator($"[data-way={way}] .median").EvaluateAsync<double>("bar => bar.getBoundingClientRect().width");
    }
}
