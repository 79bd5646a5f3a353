using Microsoft.AspNetCore.Http;
using Simmer.AspNetCore.Views;
using Simmer.Hosting;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Makes the views that clients get of jobs.</summary>
internal sealed class JobViews(SimmerNode node, ViewLinks links)
{
    public JobView Of(HttpContext context, JobRecord job, JobMapping mapping, bool withResult = false)
    {
        // If no store keeps the job, only its id and its end are known.
        var isKnown = job.Kind.Length > 0;
        return new()
        {
            Id = job.Id.ToString(),
            Kind = isKnown ? job.Kind : null,
            State = job.State,
            Version = isKnown ? job.Version : null,
            Progress = ProgressOf(job),
            Attempt = isKnown ? job.Attempt : null,
            MaxAttempts = isKnown ? job.MaxAttempts : null,
            EnqueuedAt = isKnown ? job.EnqueuedAt : null,
            DueAt = job.DueAt,
            StartedAt = job.StartedAt,
            FinishedAt = job.FinishedAt,
            CancelRequested = job.CancelRequested ? true : null,
            Reason = job.Reason,
            Problem = ProblemOf(job, mapping.Options),
            Result = withResult && ResultOf(job) is { } result ? new RawJson(result) : null,
            Workflow = job.Workflow?.ToString(),
            Step = job.Step,
            Links = LinksOf(context, job.Id, job.Workflow, mapping),
        };
    }

    /// <summary>A job that was stored a moment ago, or that is not known any more.</summary>
    public JobView Of(HttpContext context, JobId id, JobState state, JobMapping mapping) =>
        new() { Id = id.ToString(), State = state, Links = LinksOf(context, id, null, mapping) };

    /// <summary>The result as JSON: as stored, or written now for a job in memory; null if the job gave none.</summary>
    public ReadOnlyMemory<byte>? ResultOf(JobRecord job) =>
        job.State != JobState.Succeeded ? null
        : job.Result is { } stored ? stored
        : job.ResultItem is { } item ? node.Context.Catalog.Find(job.Kind)?.Result?.Write(item)
        : null;

    /// <summary>The progress, if the handler has reported one.</summary>
    public static ProgressView? ProgressOf(JobRecord job) =>
        job is { Progress: null, ProgressText: null } ? null : new ProgressView(job.Progress, job.ProgressText);

    /// <summary>Why a job failed, was cancelled or was skipped; null for the other states.</summary>
    public static ProblemView? ProblemOf(JobRecord job, JobsEndpointOptions options) =>
        job.State is not (JobState.Failed or JobState.Cancelled or JobState.Skipped) ? null : new ProblemView(
            $"The job {(job.State == JobState.Failed ? "failed" : $"was {job.State.ToString().ToLowerInvariant()}")}.",
            job.Reason,
            options.ShowErrors && job.Errors is [.., var last] ? $"{last.Type}: {last.Message}" : null);

    private LinksView LinksOf(HttpContext context, JobId id, WorkflowId? workflow, JobMapping mapping)
    {
        var self = links.Of(context, id, mapping);
        return new LinksView(self, $"{self}/result", $"{self}/events",
            $"{self}/cancel") { Workflow = workflow is { } of ? links.Of(context, of, mapping) : null };
    }
}
