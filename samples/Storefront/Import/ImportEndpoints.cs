using Microsoft.AspNetCore.Http.HttpResults;
using Simmer;
using Storefront.Shared;

namespace Storefront.Import;

public static class ImportEndpoints
{
    public static IEndpointRouteBuilder MapImport(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/imports", UploadAsync).UnlimitedBody();
        routes.MapGet("/imports", NewestAsync);
        routes.MapGet("/imports/{job:guid}", FindAsync);
        routes.MapPost("/imports/{job:guid}/continue", ContinueAsync);
        return routes;
    }

    /// <summary>Takes a file of any size, as a form's file or as the bare body, streams it to the disk and leaves the rest to a
    /// job.</summary>
    private static async Task<IResult> UploadAsync(
        HttpRequest request, UploadFolder uploads, ImportStarter starter, string? name = null,
            CancellationToken cancellationToken = default)
    {
        if (await UploadedFile.OpenAsync(request, cancellationToken) is not { } upload)
        {
            return Results.Problem("Send the file as multipart/form-data, or as the body with the content type text/csv.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        var (file, bytes) = await uploads.SaveAsync(upload.Content, cancellationToken);
        try
        {
            return JobResults.Accepted(await starter.StartAsync(name ?? upload.Name, file, bytes, cancellationToken));
        }
        catch (InvalidCsvException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest, title: "This file cannot be imported.");
        }
    }

    private static async Task<IEnumerable<ImportSummary>> NewestAsync(ImportStore imports, CancellationToken cancellationToken) =>
        (await imports.NewestAsync(20, cancellationToken)).Select(ImportSummary.Of);

    private static async Task<Results<Ok<ImportDetails>, NotFound>> FindAsync(Guid job, ImportStore imports,
        CancellationToken cancellationToken) =>
        await imports.FindByJobAsync(job, cancellationToken) is { } import
            ? TypedResults.Ok(new ImportDetails(ImportSummary.Of(import), await imports.ReportAsync(import, cancellationToken)))
            : TypedResults.NotFound();

    /// <summary>Takes a cancelled or failed import up again, at its checkpoint.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> ContinueAsync(Guid job, ImportStore imports, IJobClient jobs,
        CancellationToken cancellationToken) =>
        await imports.FindByJobAsync(job, cancellationToken) is null
            ? NotKnown()
            : await jobs.RetryAsync(new JobId(job), cancellationToken: cancellationToken) switch
        {
            { Status: RetryStatus.Retried } => TypedResults.NoContent(),
            { Status: RetryStatus.NotFound } => NotKnown(),
            var refused => TypedResults
                .Problem($"This import is {refused.State}; only a cancelled or failed one can be continued.",
                statusCode: StatusCodes.Status409Conflict),
        };

    /// <summary>The answer for an unknown job, and for one that is no import.</summary>
    private static ProblemHttpResult NotKnown() =>
        TypedResults.Problem("This import is not known (any more).", statusCode: StatusCodes.Status404NotFound);
}
