using Microsoft.Extensions.Configuration;
using Storefront.Tests.App;
using Storefront.Video;

namespace Storefront.Tests.Video;

public sealed class FfmpegTests
{
    [Fact]
    public void OffIsOff() => Find("off").IsThere.ShouldBeFalse();

    [Theory]
    [InlineData(null)]
    [InlineData("auto")]
    public void AutoLooksIntoThePath(string? setting)
    {
        Clips.Need();

        var found = Find(setting);

        found.Path.ShouldNotBeNull().ShouldEndWith("/ffmpeg");
        File.Exists(found.ProbePath).ShouldBeTrue();
    }

    [Fact]
    public void APathThatLeadsNowhereIsRefusedWithTheWayOut() =>
        Should.Throw<InvalidOperationException>(() => Find("/nowhere/ffmpeg")).Message
            .ShouldBe("Storefront:Ffmpeg is '/nowhere/ffmpeg', and there is no such file. Say 'auto' (looks into the PATH), 'off' "
                + "(leaves videos to other workers), or the path of ffmpeg.");

    [Fact]
    public async Task AnErrorCarriesWhatFfmpegSaidLast()
    {
        Clips.Need();

        var exception = await Should
            .ThrowAsync<FfmpegException>(new Ffmpeg(Find("auto"))
            .RunAsync(["-i", "/nowhere.mp4", "-f", "null", "-"], null, TestContext.Current.CancellationToken));

        exception.LastLines.ShouldContain("/nowhere.mp4: No such file or directory");
        exception.Message.ShouldStartWith("ffmpeg ended with code 1: ");
    }

    [Fact]
    public async Task ProgressComesWhileItRunsAndACancelKillsIt()
    {
        Clips.Need();
        using var stop = new CancellationTokenSource();
        var seen = new List<TimeSpan>();
        var mark = Guid.NewGuid().ToString();

        // ffmpeg reads in real time, so the run would take an hour.
        var run = new Ffmpeg(Find("auto")).RunAsync(
            ["-re", "-f", "lavfi", "-i", "testsrc2=duration=3600", "-metadata", $"title={mark}", "-f", "null", "-"],
            written =>
            {
                seen.Add(written);
                if (seen.Count == 3)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        await Should.ThrowAsync<OperationCanceledException>(run);
        seen.ShouldBeInOrder();
        Clips.RunningIn(mark).ShouldBe(0);
    }

    [Theory]
    [InlineData("out_time_us=1500000", 1.5)]
    [InlineData("out_time_us=N/A", null)]
    [InlineData("out_time_us=-9223372036854775807", null)]
    [InlineData("frame=12", null)]
    public void ProgressIsReadFromItsLines(string line, double? seconds) =>
        (FfmpegProgress.TryParse(line, out var written) ? written.TotalSeconds : (double?)null).ShouldBe(seconds);

    private static FfmpegBinary Find(string? setting) =>
        FfmpegBinary.Find(new ConfigurationBuilder().AddInMemoryCollection([new("Storefront:Ffmpeg", setting)]).Build());
}
