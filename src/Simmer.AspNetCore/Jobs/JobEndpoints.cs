using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Status, result and cancel.</summary>
internal sealed class JobEndpoints(JobMapping mapping)
{
    public JobMapping Mapping => mapping;

    public Task StatusAsync(HttpContext context) => ForJobAsync(context, (job, _) => WriteAsync(context, job, StatusCodes.Status200OK));

    public Task ResultAsync(HttpContext context) => ForJobAsync(context, (job, _) => job.State switch
    {
        JobState.Succeeded => WriteResultAsync(context, job),
        var state when state.IsFinal() => Problem.WriteAsync(
            context, StatusCodes.Status409Conflict, $"Job {job.Id} has no result: it ended {Lower(state)}{(job.Reason is { } reason ? $" ({reason})" : null)}."),
        var state => Problem.WriteAsync(context, StatusCodes.Status409Conflict, $"Job {job.Id} has no result yet: it is {Lower(state)}. Ask again when it has succeeded."),
    });

    public Task CancelAsync(HttpContext context) => ForJobAsync(context, async (job, jobs) =>
    {
        var answer = await jobs.CancelAsync(job.Id, "cancelled over HTTP", context.RequestAborted);
        var now = answer == CancelResult.NotFound ? null : await jobs.GetAsync(job.Id, context.RequestAborted);
        await (answer switch
        {
            CancelResult.Cancelled => WriteAsync(context, now ?? job, StatusCodes.Status200OK),
            CancelResult.Requested => WriteAsync(context, now ?? job, StatusCodes.Status202Accepted),
            CancelResult.AlreadyFinished => Problem.WriteAsync(context, StatusCodes.Status409Conflict, $"Job {job.Id} cannot be cancelled: it ended {Lower((now ?? job).State)}."),
            _ => NotFoundAsync(context, job.Id),
        });
    });

    /// <summary>Finds the request's job, or answers why there is none for it.</summary>
    public async Task ForJobAsync(HttpContext context, Func<JobRecord, IJobClient, Task> answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        var text = context.GetRouteValue("id") as string;
        if (!JobId.TryParse(text, null, out var id))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not a job id; a job id is a UUID such as 01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55.");
            return;
        }

        try
        {
            var jobs = context.RequestServices.GetRequiredService<IJobClient>();
            var job = await jobs.GetAsync(id, context.RequestAborted);
            await (job is not null && await MaySeeAsync(context, job) ? answer(job, jobs) : NotFoundAsync(context, id));
        }
        catch (StoreException e) when (e.IsTransient && !context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The store of jobs cannot be reached. Try again later.");
        }
    }

    private async ValueTask<bool> MaySeeAsync(HttpContext context, JobRecord job) =>
        !job.Kind.StartsWith(KindNames.Reserved, StringComparison.Ordinal) && (mapping.Options.Authorize is not { } authorize || await authorize(context, job));

    private static Task NotFoundAsync(HttpContext context, JobId id) => Problem.WriteAsync(
        context, StatusCodes.Status404NotFound, $"No job {id} is known here: it never existed, its time was over and it was pruned, or it is in the memory of another process.");

    private Task WriteAsync(HttpContext context, JobRecord job, int status)
    {
        context.Response.StatusCode = status;
        var view = context.RequestServices.GetRequiredService<JobViews>().Of(context, job, mapping);
        return context.Response.WriteAsJsonAsync(view, WebJson.Default.JobView, cancellationToken: context.RequestAborted);
    }

    private static async Task WriteResultAsync(HttpContext context, JobRecord job)
    {
        if (context.RequestServices.GetRequiredService<JobViews>().ResultOf(job) is not { } result)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = result.Length;
        await context.Response.BodyWriter.WriteAsync(result, context.RequestAborted);
    }

    private static string Lower(JobState state) => state.ToString().ToLowerInvariant();
}
