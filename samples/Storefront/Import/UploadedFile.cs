using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Storefront.Import;

/// <summary>The file in a request, not yet read.</summary>
/// <param name="Name">The name that the user's file has.</param>
/// <param name="Content">Its bytes, as they come in.</param>
public sealed record UploadedFile(string Name, Stream Content)
{
    /// <summary>Finds the file: the bare body, or the first file of a form. Read by hand, because binding an <see cref="IFormFile"/> would
    /// buffer all of it before the endpoint begins.</summary>
    /// <returns>The file, or <see langword="null"/> if the request has none.</returns>
    public static async Task<UploadedFile?> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return null;
        }

        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return type.MediaType.Value is "text/csv" or "application/octet-stream" ? new UploadedFile("upload.csv", request.Body) : null;
        }

        try
        {
            return HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 } boundary
                ? await FirstFileAsync(new MultipartReader(boundary, request.Body), cancellationToken)
                : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            // Not the form that its content type promised.
            return null;
        }
    }

    private static async Task<UploadedFile?> FirstFileAsync(MultipartReader form, CancellationToken cancellationToken)
    {
        while (await form.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (section.GetContentDispositionHeader() is { } disposition && disposition.IsFileDisposition())
            {
                return new UploadedFile(Path.GetFileName(disposition.FileName.Value) ?? "upload.csv", section.Body);
            }
        }

        return null;
    }
}
