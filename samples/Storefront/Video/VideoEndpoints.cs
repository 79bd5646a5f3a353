using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Simmer;
using Storefront.Shared;

namespace Storefront.Video;

public static class VideoEndpoints
{
    public static IEndpointRouteBuilder MapVideo(this IEndpointRouteBuilder routes)
    {
        var videos = routes.MapGroup("/videos");
        videos.MapPost("/", UploadAsync).UnlimitedBody();
        videos.MapPost("/test", MakeAsync);
        videos.MapGet("/", NewestAsync);
        videos.MapGet("/settings", (IOptions<SimmerOptions> simmer, IOptions<StorefrontOptions> options) =>
            new VideoSettings(WorksHere(simmer.Value.Worker), options.Value.MaxVideoBytes));
        videos.MapGet("/{id:guid}/video.webm", (Guid id, VideoFolder folder) => Serve(folder.ResultOf(id), "video/webm"));
        videos.MapGet("/{id:guid}/thumbnail.jpg", (Guid id, VideoFolder folder) => Serve(folder.ThumbnailOf(id), "image/jpeg"));
        return routes;
    }

    /// <summary>Takes a video as the bare body, streams it to the disk and leaves the rest to a workflow.</summary>
    private static async Task<IResult> UploadAsync(
        HttpRequest request, VideoUpload upload, IOptions<StorefrontOptions> options, string? name = null,
            CancellationToken cancellationToken = default)
    {
        try
        {
            Check(request, options.Value.MaxVideoBytes);
            return JobResults.Accepted(await upload.TakeAsync(NameOf(name), request.Body, options.Value.MaxVideoBytes, cancellationToken));
        }
        catch (VideoRefusedException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.Status, title: "This file is not taken.");
        }
    }

    private static async Task<IResult> MakeAsync(VideoStarter starter, int seconds = 20, CancellationToken cancellationToken = default) =>
        seconds is < 1 or > 300
            ? Results.Problem(string.Create(CultureInfo.InvariantCulture, $"{seconds:N0} seconds: ask for 1 to 300."),
                statusCode: StatusCodes.Status400BadRequest)
            : JobResults.Accepted(await starter.MakeAsync(seconds, cancellationToken));

    private static Task<IReadOnlyList<VideoSummary>> NewestAsync(VideoStore videos, CancellationToken cancellationToken) =>
        videos.NewestAsync(10, cancellationToken);

    // Before the first byte of it is read.
    private static void Check(HttpRequest request, long most)
    {
        if (request.ContentLength > most)
        {
            throw VideoRefusedException.TooLarge(most);
        }

        if (request.ContentType?.StartsWith("video/", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new VideoRefusedException(StatusCodes.Status415UnsupportedMediaType,
                $"The content type is '{request.ContentType}'; send the file as the body, with its own type, such as video/mp4. "
                    + $"{VideoSignature.Known} are taken.");
        }
    }

    private static string NameOf(string? name) =>
        Path.GetFileName(name) is { Length: > 0 } given ? given[..Math.Min(given.Length, 120)] : "upload";

    // A shop that leaves its jobs to workers, or this queue, may well have ffmpeg in its PATH.
    private static bool WorksHere(WorkerOptions worker) => worker.Enabled
        && worker.Capabilities.Contains(VideoFeature.Capability, StringComparer.OrdinalIgnoreCase)
        && (worker.Queues.Count == 0 || worker.Queues.Contains(VideoFeature.Queue, StringComparer.OrdinalIgnoreCase));

    // Players ask for parts of a file to jump about in it.
    private static Results<PhysicalFileHttpResult, NotFound> Serve(string path, string type) =>
        File.Exists(path) ? TypedResults.PhysicalFile(path, type, enableRangeProcessing: true) : TypedResults.NotFound();
}

/// <summary>The settings that the page needs.</summary>
/// <param name="WorksHere">Whether this process works on videos.</param>
/// <param name="MaxBytes">The largest upload.</param>
public sealed record VideoSettings(bool WorksHere, long MaxBytes);
