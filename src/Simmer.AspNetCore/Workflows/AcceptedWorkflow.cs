using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.AspNetCore.Views;
using Simmer.AspNetCore.Workflows;
using Simmer.Runtime;

namespace Simmer;

/// <summary>202 Accepted for an enqueued workflow, or 200 with its end if the client wanted to wait. Made by
/// <see cref="JobResults.Accepted(WorkflowHandle, string?)"/>.</summary>
public sealed class AcceptedWorkflow : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    private readonly WorkflowHandle _handle;
    private readonly string? _name;

    internal AcceptedWorkflow(WorkflowHandle handle, string? name) => (_handle, _name) = (handle, name);

    /// <summary>The workflow's id.</summary>
    public WorkflowId Id => _handle.Id;

    /// <summary>202, unless the client waits for the end.</summary>
    public int? StatusCode => StatusCodes.Status202Accepted;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(httpContext);
        var mapping = JobMappings.Of(httpContext).Get(_name);
        var views = httpContext.RequestServices.GetRequiredService<WorkflowViews>();

        var mayWait = await httpContext.RequestServices.GetRequiredService<GuessableIdGate>()
            .MayWaitAsync(httpContext, mapping, _handle.Id.Value, _handle.IsDuplicate);
        var ended = await PreferredWait
            .ForEndAsync(httpContext, mayWait, (jobs, cancellationToken) => jobs.WaitAsync(_handle.Id, cancellationToken));
        if (ended is not null && _handle.IsDuplicate && !await StoreAnswer
            .UnlessAwayAsync(() => new WorkflowEndpoints(mapping).MaySeeAsync(httpContext, ended).AsTask()))
        {
            // Another client has stored it before, so its result is only for those who may see it. That the workflow was accepted is known,
            // even if the store cannot be asked for the rest.
            ended = null;
        }

        var view = ended is not null
            ? views.Of(httpContext, ended, mapping) with { Result = await ResultAsync(httpContext, ended) }
            : views.Of(httpContext, _handle.Id, await StateAsync(httpContext), mapping);
        view = view with { Duplicate = _handle.IsDuplicate ? true : null };
        await AcceptedAnswer.WriteAsync(httpContext, ended is not null, view.Links.Status, view, WebJson.Default.WorkflowView);
    }

    /// <summary>The state of the workflow. Of one that was enqueued in a transaction of the endpoint's own, the handle does not know
    /// whether that was committed, so it is read from the store.</summary>
    private async Task<WorkflowState> StateAsync(HttpContext context) => _handle.State != WorkflowState.Unknown ? _handle.State
        : (await PreferredWait.ReadAsync(context, jobs => jobs.GetAsync(_handle.Id, context.RequestAborted)))?.State
            ?? WorkflowState.Unknown;

    private async Task<RawJson?> ResultAsync(HttpContext context, WorkflowRecord ended)
    {
        if (_handle.Last is not { } last || ended.State != WorkflowState.Succeeded)
        {
            return null;
        }

        var job = await PreferredWait.ReadAsync(context, jobs => jobs.GetAsync(last, context.RequestAborted));
        return job is not null && context.RequestServices.GetRequiredService<JobViews>().ResultOf(job) is { } result
            ? new RawJson(result)
            : null;
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        AcceptedAnswer.Describe<WorkflowView>(builder);
}
