using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Workflows;

/// <summary>Makes the views that clients get of workflows.</summary>
internal sealed class WorkflowViews(ViewLinks links)
{
    /// <summary>The most steps that are shown. Nobody could take in more, and they would be sent with every change.</summary>
    public const int MaxSteps = 1_000;

    /// <summary>The most edges that are shown.</summary>
    public const int MaxEdges = 5_000;

    /// <summary>A workflow without its steps.</summary>
    public WorkflowView Of(HttpContext context, WorkflowRecord workflow, JobMapping mapping) => new()
    {
        Id = workflow.Id.ToString(),
        Name = workflow.Name,
        State = workflow.State,
        Version = workflow.Version,
        Progress = workflow.Progress,
        Counts = workflow.Counts.OrderBy(static c => c.Key)
            .ToDictionary(static c => JsonNamingPolicy.CamelCase.ConvertName(c.Key.ToString()), static c => c.Value),
        CreatedAt = workflow.CreatedAt,
        FinishedAt = workflow.FinishedAt,
        CancelRequested = workflow.CancelRequested ? true : null,
        Reason = workflow.Reason,
        Links = LinksOf(context, workflow.Id, mapping),
    };

    /// <summary>A workflow that was stored a moment ago, or that is not known any more.</summary>
    public WorkflowView Of(HttpContext context, WorkflowId id, WorkflowState state, JobMapping mapping) =>
        new() { Id = id.ToString(), State = state, Links = LinksOf(context, id, mapping) };

    /// <summary>A workflow with its steps, unless there are too many.</summary>
    public async ValueTask<WorkflowView> WithStepsAsync(HttpContext context, WorkflowRecord workflow, JobMapping mapping, IJobClient jobs,
        CancellationToken cancellationToken)
    {
        var view = Of(context, workflow, mapping);
        var steps = workflow.StepCount > MaxSteps
            ? null
            : await StoreAnswer.InTimeAsync(context, jobs.GetStepsAsync(workflow.Id, cancellationToken));
        if (steps is null or { Count: > MaxSteps })
        {
            return view with { StepsOmitted = true };
        }

        var edges = WorkflowGraph.Edges(steps, MaxEdges);
        return view with
        {
            Steps = [.. steps.Select(s => Of(context, s, mapping))],
            Edges = edges,
            EdgesOmitted = edges is null ? true : null,
        };
    }

    private StepView Of(HttpContext context, StepRecord step, JobMapping mapping) => new()
    {
        Number = step.Number,
        Name = step.Name,
        Job = step.Job.Id.ToString(),
        Kind = step.Job.Kind,
        State = step.Job.State,
        Rule = step is { Role: StepRole.Step, Rule: not StepRule.AllSucceeded } ? step.Rule : null,
        Role = step.Role == StepRole.Step ? null : step.Role,
        Progress = JobViews.ProgressOf(step.Job),
        Attempt = step.Job.Attempt,
        MaxAttempts = step.Job.MaxAttempts,
        StartedAt = step.Job.StartedAt,
        FinishedAt = step.Job.FinishedAt,
        Elapsed = (step.Job.FinishedAt - step.Job.StartedAt)?.TotalSeconds,
        Branch = step.Branch,
        Reason = step.Job.Reason,
        // A step that its rule has left out is no problem when it is shown among the others.
        Problem = step.Job.State == JobState.Skipped ? null : JobViews.ProblemOf(step.Job, mapping.Options),
        Links = new StepLinksView(links.Of(context, step.Job.Id, mapping)),
    };

    private WorkflowLinksView LinksOf(HttpContext context, WorkflowId id, JobMapping mapping)
    {
        var self = links.Of(context, id, mapping);
        return new WorkflowLinksView(self, $"{self}/events", $"{self}/cancel");
    }
}
