using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Answers;
using Simmer.AspNetCore.Views;
using Simmer.Jobs;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Status, result and cancel of a job.</summary>
internal sealed class JobEndpoints(JobMapping mapping) : RecordEndpoints<JobId, JobRecord>(mapping)
{
    protected override string WhatAnIdIs => "a job id is a UUID such as 01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55.";

    protected override string Noun => "job";

    public Task ResultAsync(HttpContext context) => ForAsync(context, asked => asked.Record.State switch
    {
        JobState.Succeeded => WriteResultAsync(context, asked.Record),
        var state when state.IsFinal() => Problem.WriteAsync(
            context, StatusCodes.Status409Conflict,
                $"Job {asked.Id} has no result: it ended {Lower(state)}{(asked.Record.Reason is { } reason ? $" ({reason})" : null)}."),
        var state => Problem.WriteAsync(context, StatusCodes.Status409Conflict,
            $"Job {asked.Id} has no result yet: it is {Lower(state)}. Ask again when it has succeeded."),
    });

    protected override Guid ValueOf(JobId id) => id.Value;

    protected override Task<JobRecord?> FindAsync(IJobClient jobs, JobId id, CancellationToken cancellationToken) =>
        jobs.GetAsync(id, cancellationToken);

    protected override async ValueTask<bool> MaySeeAsync(Asked<JobId, JobRecord> asked) =>
        !asked.Record.Kind.StartsWith(KindNames.Reserved, StringComparison.Ordinal)
            && (Mapping.Options.Authorize is not { } authorize || await authorize(asked.Context, asked.Record));

    protected override Task<CancelResult> CancelAsync(Asked<JobId, JobRecord> asked, string reason) =>
        asked.Jobs.CancelAsync(asked.Id, reason, asked.Aborted);

    protected override string WhyNotCancelled(JobRecord record) => $"Job {record.Id} cannot be cancelled: it ended {Lower(record.State)}.";

    protected override Task WriteAsync(Asked<JobId, JobRecord> asked, int status)
    {
        var view = asked.Context.RequestServices.GetRequiredService<JobViews>().Of(asked.Context, asked.Record, Mapping);
        asked.Context.Response.StatusCode = status;
        return asked.Context.Response.WriteAsJsonAsync(view, WebJson.Default.JobView, cancellationToken: asked.Aborted);
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
