using Microsoft.AspNetCore.Http.HttpResults;
using Simmer;

namespace Storefront.Import;

public static class SampleEndpoints
{
    public static IEndpointRouteBuilder MapSamples(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/samples", MakeAsync);
        routes.MapGet("/samples/{name}", Download);
        routes.MapPost("/samples/{name}/import", ImportAsync);
        return routes;
    }

    /// <summary>Makes a file of so many rows; making millions is work for a job as well.</summary>
    private static async Task<IResult> MakeAsync(IJobClient jobs, int rows = 7_000_000, CancellationToken cancellationToken = default)
    {
        if (rows is < 1 or > 10_000_000)
        {
            return Results.Problem($"{rows:N0} rows: ask for 1 to 10,000,000.", statusCode: StatusCodes.Status400BadRequest);
        }

        var name = $"products-{rows}.csv";
        return JobResults.Accepted(await jobs.EnqueueAsync(
            new MakeSampleFile(name, rows),
            // The file depends only on the number of rows, so requests while it is being made wait for the same job.
            new EnqueueOptions { UniqueKey = name },
            cancellationToken));
    }

    private static Results<PhysicalFileHttpResult, NotFound> Download(string name, SampleFolder samples) =>
        File.Exists(samples.PathOf(name))
            ? TypedResults.PhysicalFile(samples.PathOf(name), "text/csv", Path.GetFileName(name), enableRangeProcessing: true)
            : TypedResults.NotFound();

    private static async Task<IResult> ImportAsync(string name, SampleFolder samples, ImportStarter starter,
        CancellationToken cancellationToken)
    {
        var file = new FileInfo(samples.PathOf(name));
        return file.Exists
            ? JobResults.Accepted(await starter.StartAsync(file.Name, samples.RelativePathOf(name), file.Length, cancellationToken))
            : Results.Problem($"There is no sample '{name}'; make it first.", statusCode: StatusCodes.Status404NotFound);
    }
}
