using Microsoft.Playwright;
using Storefront.Tests.App;
using static Microsoft.Playwright.Assertions;

namespace Storefront.Tests.Browser;

public sealed class VideoInTheBrowserTests(RunningShop running, Chromium chromium)
{
    [Fact]
    public async Task ATestVideoGoesThroughItsStepsWithProgressAndPlays()
    {
        Clips.Need();
        var page = await OpenAsync(running.Shop);
        var errors = page.Errors();
        await WatchAsync(page);

        await MakeAsync(page, seconds: 10);

        await Expect(page.Step("film", "cut/segment 3")).ToBeVisibleAsync();
        await Expect(page.Locator("#film-state")).ToHaveTextAsync("succeeded");
        var seen = await page.EvaluateAsync<double[]>("() => window.progressSeen");
        seen.Distinct().Count().ShouldBeGreaterThanOrEqualTo(5, string.Join(" ", seen));
        seen[^1].ShouldBe(1);
        await PlaysAsync(page, seconds: 10);
        errors.ShouldBeEmpty();
        await page.CloseAsync();
    }

    [Fact]
    public async Task AnUploadedVideoIsTranscodedAndPlays()
    {
        Clips.Need();
        using var files = new TemporaryDirectory();
        await Clips.MakeAsync(files["cat.mp4"], seconds: 3);
        var page = await OpenAsync(running.Shop);
        await page.Locator("#video-file").SetInputFilesAsync(files["cat.mp4"]);

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and transcode" }).ClickAsync();

        await Expect(page.Locator("#film-title")).ToHaveTextAsync("cat.mp4");
        await Expect(page.Locator("#film-state")).ToHaveTextAsync("succeeded");
        await PlaysAsync(page, seconds: 3);
        await page.CloseAsync();
    }

    [Fact]
    public async Task AFileThatIsNoVideoSaysWhy()
    {
        var page = await OpenAsync(running.Shop);
        await page.Locator("#video-file")
            .SetInputFilesAsync(new FilePayload { Name = "cat.mp4", MimeType = "video/mp4", Buffer = "meow, and meow again"u8.ToArray() });

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and transcode" }).ClickAsync();

        await Expect(page.Locator("#video-said"))
            .ToContainTextAsync("The file does not begin like a video; send MP4, MOV, WebM, MKV or AVI.");
        await page.CloseAsync();
    }

    [Fact]
    public async Task AFileThatIsTooLargeIsNotEvenSent()
    {
        var page = await OpenAsync(running.Shop);
        await Expect(page.Locator("#video-most")).ToHaveTextAsync(", up to 4.0 MB");
        await page.Locator("#video-file")
            .SetInputFilesAsync(new FilePayload { Name = "cat.mp4", MimeType = "video/mp4",
            Buffer = new byte[RunningShop.MaxVideoBytes + 1] });

        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and transcode" }).ClickAsync();

        await Expect(page.Locator("#video-said")).ToContainTextAsync("at most 4.0 MB are accepted");
        await page.CloseAsync();
    }

    [Fact]
    public async Task WithoutFfmpegThePageSaysWhatItWaitsForAndAWorkerThatOffersItMakesItGoOn()
    {
        Clips.Need();
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, "Storefront:Ffmpeg=off");
        var page = await OpenAsync(shop);
        await MakeAsync(page, seconds: 5);
        await Expect(page.GetByText("Waits for a worker that offers ffmpeg")).ToBeVisibleAsync();
        await Expect(page.Step("film", "make a clip")).ToHaveAttributeAsync("data-state", "ready");

        using var worker = await ShopWorker.StartAsync(data.Path, "Simmer:Worker:Capabilities:0=ffmpeg");

        await Expect(page.Locator("#film-state")).ToHaveTextAsync("succeeded");
        await Expect(page.Locator("#film-waits")).ToBeHiddenAsync();
        await PlaysAsync(page, seconds: 5);
        await page.CloseAsync();
    }

    private async Task<IPage> OpenAsync(Shop shop)
    {
        var page = await chromium.OpenAsync(shop.Address);
        await page.OpenTabAsync("Video");
        return page;
    }

    private static async Task MakeAsync(IPage page, int seconds)
    {
        await page.GetByLabel("Seconds").FillAsync(seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a test video" }).ClickAsync();
        await Expect(page.Locator("#film-title")).ToHaveTextAsync($"test-{seconds}s.mkv");
    }

    private static Task WatchAsync(IPage page) => page.EvaluateAsync("""
        () => {
          window.progressSeen = [];
          new MutationObserver(() => window.progressSeen.push(document.querySelector('#film-progress').value))
            .observe(document.querySelector('#film-progress'), { attributes: true, attributeFilter: ['value'] });
        }
        """);

    /// <summary>The browser decodes pictures of it and knows its length, and there is a thumbnail.</summary>
    private static async Task PlaysAsync(IPage page, int seconds)
    {
        await page.WaitForFunctionAsync("""
            () => {
              const video = document.querySelector('#film-result video');
              if (!video) return false;
              video.muted = true;
              video.play();
              return video.currentTime > 0.2 && video.videoWidth > 0;
            }
            """);
        (await page.EvaluateAsync<double>("() => document.querySelector('#film-result video').duration")).ShouldBe(seconds, tolerance: 0.3);
        (await page.EvaluateAsync<int>("""
            async () => {
              const picture = new Image();
              picture.src = document.querySelector('#film-result video').poster;
              await picture.decode();
              return picture.naturalWidth;
            }
            """)).ShouldBe(480);
    }
}
