using Microsoft.Playwright;

namespace Storefront.Tests.Browser;

/// <summary>The machine's own Chromium; Playwright downloads nothing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Opens a page of its own at the shop. Skips the test where there is no Chromium; on CI there has to be one.</summary>
    public async Task<IPage> OpenAsync(Uri shop, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        if (!File.Exists(Executable))
        {
            const string Message = $"{Executable} is missing; install it with: apt-get install -y chromium";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Message);
            Assert.Fail(Message);
        }

        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions
        {
            BaseURL = shop.ToString(),
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
        });
        page.SetDefaultTimeout(30_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        await page.GotoAsync("/");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
