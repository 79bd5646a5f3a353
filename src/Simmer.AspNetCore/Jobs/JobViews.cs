using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Simmer.Hosting;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Makes what clients see of what the engine knows.</summary>
internal sealed class JobViews(SimmerNode node, LinkGenerator links)
{
    public JobView Of(HttpContext context, JobRecord job, JobMapping mapping, bool withResult = false) => new()
    {
        Id = job.Id.ToString(),
        Kind = job.Kind,
        State = job.State,
        Version = job.Version,
        Progress = job is { Progress: null, ProgressText: null } ? null : new ProgressView(job.Progress, job.ProgressText),
        Attempt = job.Attempt,
        MaxAttempts = job.MaxAttempts,
        EnqueuedAt = job.EnqueuedAt,
        DueAt = job.DueAt,
        StartedAt = job.StartedAt,
        FinishedAt = job.FinishedAt,
        CancelRequested = job.CancelRequested ? true : null,
        Reason = job.Reason,
        Problem = ProblemOf(job, mapping.Options),
        Result = withResult && ResultOf(job) is { } result ? new RawJson(result) : null,
        Links = LinksOf(context, job.Id, mapping),
    };

    /// <summary>A job that was stored a moment ago, or that is not known any more.</summary>
    public JobView Of(HttpContext context, JobId id, JobState state, JobMapping mapping) =>
        new() { Id = id.ToString(), State = state, Links = LinksOf(context, id, mapping) };

    /// <summary>The result as JSON: as stored, or written now for a job in memory; null if the job gave none.</summary>
    public ReadOnlyMemory<byte>? ResultOf(JobRecord job) =>
        job.State != JobState.Succeeded ? null
        : job.Result is { } stored ? stored
        : job.ResultItem is { } item ? node.Engine.Catalog.Find(job.Kind)?.Result?.Write(item)
        : null;

    private static ProblemView? ProblemOf(JobRecord job, JobsEndpointOptions options) =>
        job.State is not (JobState.Failed or JobState.Cancelled or JobState.Skipped) ? null : new ProblemView(
            $"The job {(job.State == JobState.Failed ? "failed" : $"was {job.State.ToString().ToLowerInvariant()}")}.",
            job.Reason,
            options.ShowErrors && job.Errors is [.., var last] ? $"{last.Type}: {last.Message}" : null);

    private LinksView LinksOf(HttpContext context, JobId id, JobMapping mapping)
    {
        // By name alone the generator takes nothing from the request; a group's prefix may have parameters, such as a tenant.
        var self = links.GetPathByAddress(context, mapping.EndpointName("Status"), new RouteValueDictionary { ["id"] = id.ToString() }, context.Request.RouteValues)
            ?? throw new InvalidOperationException($"No link to a job of {mapping} can be made from {context.Request.Path}: its prefix has parameters that this request does not have.");
        return new LinksView(self, $"{self}/result", $"{self}/events", $"{self}/cancel");
    }
}
