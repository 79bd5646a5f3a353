using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class VideoTests(RunningShop running)
{
    private Shop Shop => running.Shop;

    [Fact]
    public async Task ATestVideoIsMadeCutTranscodedJoinedAndTidiedUp()
    {
        Clips.Need();
        var workflow = await Shop.MakeVideoAsync(seconds: 10);

        var ended = await Shop.FinishedAsync(workflow);

        ended.State().ShouldBe("succeeded", ended.ToString());
        ended.Segments().Count().ShouldBe(3);
        var folder = await Shop.VideoFolderAsync(workflow);
        (await Clips.CodecsAsync(Path.Combine(folder, "video.webm"))).ShouldBe("vp8,opus");
        (await Clips.SecondsAsync(Path.Combine(folder, "video.webm"))).ShouldBe(10, tolerance: 0.3);
        Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order().ShouldBe(["thumbnail.jpg", "video.webm"]);
        await ServesAsync($"/videos/{Path.GetFileName(folder)}/video.webm", "video/webm");
        await ServesAsync($"/videos/{Path.GetFileName(folder)}/thumbnail.jpg", "image/jpeg");
    }

    [Fact]
    public async Task AnUploadedVideoIsTranscoded()
    {
        Clips.Need();
        using var files = new TemporaryDirectory();
        await Clips.MakeAsync(files["cat.mp4"], seconds: 3);

        var workflow = await Shop
            .AcceptedAsync(await UploadAsync(await File.ReadAllBytesAsync(files["cat.mp4"], TestContext.Current.CancellationToken),
            "video/mp4", "cat.mp4"));

        (await Shop.FinishedAsync(workflow)).State().ShouldBe("succeeded");
        var folder = await Shop.VideoFolderAsync(workflow);
        (await Clips.SecondsAsync(Path.Combine(folder, "video.webm"))).ShouldBe(3, tolerance: 0.3);
    }

    [Fact]
    public async Task AFileThatOnlyBeginsLikeAVideoFailsWithWhatFfprobeSaysAndIsTidiedUp()
    {
        Clips.Need();
        var workflow = await Shop.AcceptedAsync(await UploadAsync([0x1A, 0x45, 0xDF, 0xA3, .. new byte[500]], "video/webm", "broken.webm"));

        var ended = await Shop.FinishedAsync(workflow);

        ended.State().ShouldBe("failed");
        ended.Step("probe").GetProperty("attempt").GetInt32().ShouldBe(1);
        ended.Step("probe").GetProperty("reason").GetString().ShouldNotBeNull()
            .ShouldStartWith("The file cannot be read as a video. ffprobe ended with code 1: ");
        ended.Step("tidy up").State().ShouldBe("succeeded");
        Directory.EnumerateFileSystemEntries(await Shop.VideoFolderAsync(workflow)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ACancelKillsFfmpegAndTidiesUp()
    {
        Clips.Need();
        var workflow = await Shop.MakeVideoAsync(seconds: 300);
        var folder = await Shop.VideoFolderAsync(workflow);
        await Eventually.TrueAsync("ffmpeg works on it", () => Task.FromResult(Clips.RunningIn(Path.GetFileName(folder)) > 0));

        using var answer = await Shop.Http.PostAsync($"{workflow.AbsolutePath}/cancel", null, TestContext.Current.CancellationToken);

        (await Shop.FinishedAsync(workflow)).State().ShouldBe("cancelled");
        Clips.RunningIn(Path.GetFileName(folder)).ShouldBe(0);
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "video/mp4", "The file is empty.")]
    [InlineData("This is no video at all.", "video/mp4", "The file does not begin like a video; send MP4, MOV, WebM, MKV or AVI.")]
    [InlineData("#EXTM3U\nhttp://elsewhere.example/", "video/mpegurl", "The file does not begin like a video")]
    [InlineData("....ftypisom", "text/plain", "The content type is 'text/plain'; send the file as the body")]
    public async Task WhatIsNoVideoIsRefusedAtOnceAndNotKept(string content, string type, string detail)
    {
        var before = Folders();

        var problem = await ProblemOf(UploadAsync(System.Text.Encoding.ASCII.GetBytes(content), type, "x"),
            HttpStatusCode.UnsupportedMediaType);

        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith(detail);
        Folders().Except(before).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AVideoThatIsTooLargeIsRefusedWhetherItSaysSoOrNot(bool saysSo)
    {
        var before = Folders();
        var large = new byte[RunningShop.MaxVideoBytes + 1];
        "....ftypisom"u8.CopyTo(large);

        var problem = await ProblemOf(UploadAsync(large, "video/mp4", "large.mp4", chunked: !saysSo), HttpStatusCode.RequestEntityTooLarge);

        problem.GetProperty("detail").GetString()
            .ShouldBe("The file is larger than 4,000,000 bytes, which is the most that is taken here.");
        Folders().Except(before).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("301")]
    [InlineData("many")]
    public Task ATestVideoOfNoSensibleLengthIsRefused(string seconds) =>
        ProblemOf(Shop.Http.PostAsync($"/videos/test?seconds={seconds}", null, TestContext.Current.CancellationToken),
            HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("Storefront:Ffmpeg=off")]
    [InlineData("Simmer:Worker:Enabled=false")]
    [InlineData("Simmer:Worker:Queues=mail,imports")]
    public async Task AShopThatLeavesVideosToOthersSaysSo(string setting)
    {
        Clips.Need();
        using var data = new TemporaryDirectory();
        using var shop = await Shop.StartAsync(data.Path, setting);

        (await WorksHereAsync(shop)).ShouldBeFalse();
        (await WorksHereAsync(Shop)).ShouldBeTrue();
    }

    [Fact]
    public async Task AnUnknownVideoIsNotFound() =>
        (await Shop.Http.GetAsync($"/videos/{Guid.NewGuid()}/video.webm", TestContext.Current.CancellationToken)).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task AtItsStartTheShopDeletesUploadsThatWereForgottenHalfWayAndNothingElse()
    {
        using var data = new TemporaryDirectory();
        var (forgotten, fresh) = (data[$"videos/{Guid.NewGuid():N}"], data[$"videos/{Guid.NewGuid():N}"]);
        Directory.CreateDirectory(Path.Combine(forgotten, "work"));
        Directory.CreateDirectory(Path.Combine(fresh, "work"));
        Directory.SetLastWriteTimeUtc(forgotten, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        using var shop = await Shop.StartAsync(data.Path);

        (Directory.Exists(forgotten), Directory.Exists(fresh)).ShouldBe((false, true));
    }

    private static async Task<bool> WorksHereAsync(Shop shop) =>
        (await shop.Http.GetFromJsonAsync<JsonElement>("/videos/settings", TestContext.Current.CancellationToken)).GetProperty("worksHere")
            .GetBoolean();

    private string[] Folders() => Directory.GetDirectories(Path.Combine(Shop.Data, "videos"));

    private async Task<HttpResponseMessage> UploadAsync(byte[] bytes, string type, string name, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/videos?name={name}") { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.TransferEncodingChunked = chunked;
        return await Shop.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task ServesAsync(string path, string type)
    {
        using var response = await Shop.Http.GetAsync(path, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType?.MediaType.ShouldBe(type);
    }

    private static async Task<JsonElement> ProblemOf(Task<HttpResponseMessage> answer, HttpStatusCode status)
    {
        using var response = await answer;
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
