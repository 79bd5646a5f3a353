using System.Net.Http.Json;
using System.Text.Json;

namespace Storefront.Tests.App;

/// <summary>The steps of tests that work with videos.</summary>
public static class Filming
{
    /// <summary>Has a test video made and gives where its workflow is.</summary>
    public static async Task<Uri> MakeVideoAsync(this Shop shop, int seconds) =>
        await shop.AcceptedAsync(await shop.Http.PostAsync($"/videos/test?seconds={seconds}", null, TestContext.Current.CancellationToken));

    /// <summary>The folder with the files of a workflow's video.</summary>
    public static async Task<string> VideoFolderAsync(this Shop shop, Uri workflow)
    {
        var videos = await shop.Http.GetFromJsonAsync<JsonElement>("/videos", TestContext.Current.CancellationToken);
        var video = videos.EnumerateArray().Single(one => one.GetProperty("workflow").GetString() == workflow.IdOf());
        return Path.Combine(shop.Data, "videos", video.GetProperty("id").GetGuid().ToString("N"));
    }

    /// <summary>The steps that transcode.</summary>
    public static IEnumerable<JsonElement> Segments(this JsonElement workflow) =>
        workflow.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("kind").GetString() == "transcode");
}
