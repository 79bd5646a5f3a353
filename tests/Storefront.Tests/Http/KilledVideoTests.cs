using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class KilledVideoTests
{
    private const int Seconds = 24;

    [Fact]
    public async Task AVideoWhoseProcessIsKilledWhileItTranscodesIsFinishedWithoutDoingTheDoneAgain()
    {
        Clips.Need();
        using var data = new TemporaryDirectory();
        Uri workflow;
        JsonElement before;
        using (var killed = await Shop.StartAsync(data.Path))
        {
            workflow = await killed.MakeVideoAsync(Seconds);
            before = await killed.JobAsync(workflow, "has a segment that is done and one that runs",
                status => status.Segments().Any(step => step.State() == "succeeded") && status.Segments()
                    .Any(step => step.State() == "running"));
            killed.Kill();
        }

        using var shop = await Shop.StartAsync(data.Path);
        workflow = new Uri(shop.Address, workflow.AbsolutePath);
        var ended = await shop.FinishedAsync(workflow);

        ended.State().ShouldBe("succeeded", ended.ToString());
        ended.Segments().Count().ShouldBe(Seconds / 4);
        before.Segments().Where(step => step.State() == "running")
            .ShouldContain(step => StartOf(ended, step) > StartOf(before, step), "the kill came too late to mean anything");
        foreach (var done in before.GetProperty("steps").EnumerateArray().Where(step => step.State() == "succeeded"))
        {
            var name = done.GetProperty("name").GetString()!;
            ended.Step(name).GetProperty("finishedAt").GetDateTimeOffset()
                .ShouldBe(done.GetProperty("finishedAt").GetDateTimeOffset(), name);
        }

        var folder = await shop.VideoFolderAsync(workflow);
        (await Clips.SecondsAsync(Path.Combine(folder, "video.webm"))).ShouldBe(Seconds, tolerance: 0.3);
        Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order().ShouldBe(["thumbnail.jpg", "video.webm"]);
    }

    private static DateTimeOffset StartOf(JsonElement workflow, JsonElement step) =>
        workflow.Step(step.GetProperty("name").GetString()!).GetProperty("startedAt").GetDateTimeOffset();
}
