using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Workflows;

/// <summary>Status and cancel of a workflow.</summary>
internal sealed class WorkflowEndpoints(JobMapping mapping) : RecordEndpoints<WorkflowId, WorkflowRecord>(mapping)
{
    protected override string WhatAnIdIs => "a workflow id is a UUID that ends in six zeros, such as 01970c9e-8a5c-7f3e-9c1b-2f6d1c000000.";

    protected override string Noun => "workflow";

    /// <summary>The workflow as the request wants it: with its steps, or without.</summary>
    public ValueTask<WorkflowView> ViewAsync(Asked<WorkflowId, WorkflowRecord> asked, CancellationToken cancellationToken)
    {
        var views = asked.Context.RequestServices.GetRequiredService<WorkflowViews>();
        return bool.TryParse(asked.Context.Request.Query[EndpointParameter.Steps.Name], out var wanted) && !wanted
            ? new(views.Of(asked.Context, asked.Record, Mapping))
            : views.WithStepsAsync(asked.Context, asked.Record, Mapping, asked.Jobs, cancellationToken);
    }

    protected override Guid ValueOf(WorkflowId id) => id.Value;

    protected override Task<WorkflowRecord?> FindAsync(IJobClient jobs, WorkflowId id, CancellationToken cancellationToken) =>
        jobs.GetAsync(id, cancellationToken);

    /// <summary>Whether a request may see a workflow.</summary>
    public ValueTask<bool> MaySeeAsync(HttpContext context, WorkflowRecord workflow) =>
        MaySeeAsync(new(context, context.RequestServices.GetRequiredService<IJobClient>(), workflow.Id, workflow));

    // Authorize is asked with the job of the first step: asking with each step would take a thousand calls for each request. A workflow
    // without steps has no job to ask with, so it is refused.
    protected override async ValueTask<bool> MaySeeAsync(Asked<WorkflowId, WorkflowRecord> asked) =>
        Mapping.Options.Authorize is not { } authorize
        || (await StoreAnswer.InTimeAsync(asked.Context, asked.Jobs.GetAsync(asked.Id.Step(1), asked.Aborted)) is { } first
            && await authorize(asked.Context, first));

    protected override Task<CancelResult> CancelAsync(Asked<WorkflowId, WorkflowRecord> asked, string reason) =>
        asked.Jobs.CancelAsync(asked.Id, reason, asked.Aborted);

    protected override string WhyNotCancelled(WorkflowRecord record) => record.State == WorkflowState.Running
        ? $"Workflow {record.Id} cannot be cancelled: its ordinary steps have ended, and those that undo or come last run on. Cancel one "
            + "of them as a job."
        : $"Workflow {record.Id} cannot be cancelled: it ended {record.State.ToString().ToLowerInvariant()}.";

    protected override async Task WriteAsync(Asked<WorkflowId, WorkflowRecord> asked, int status)
    {
        var view = await ViewAsync(asked, asked.Aborted);
        asked.Context.Response.StatusCode = status;
        await asked.Context.Response.WriteAsJsonAsync(view, WebJson.Default.WorkflowView, cancellationToken: asked.Aborted);
    }
}
