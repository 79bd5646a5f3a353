using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.AspNetCore.Views;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer;

/// <summary>202 Accepted for an enqueued job, or 200 with its end if the client wanted to wait. Made by
/// <see cref="JobResults.Accepted(JobHandle, string?)"/>.</summary>
public sealed class AcceptedJob : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    private readonly JobHandle _handle;
    private readonly string? _name;

    internal AcceptedJob(JobHandle handle, string? name) => (_handle, _name) = (handle, name);

    /// <summary>The job's id.</summary>
    public JobId Id => _handle.Id;

    /// <summary>202, unless the client waits for the end.</summary>
    public int? StatusCode => StatusCodes.Status202Accepted;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        CallerContext.Leave();
        ArgumentNullException.ThrowIfNull(httpContext);
        var mapping = JobMappings.Of(httpContext).Get(_name);
        var views = httpContext.RequestServices.GetRequiredService<JobViews>();
        var gate = httpContext.RequestServices.GetRequiredService<GuessableIdGate>();
        if (_handle.IsFoundByKey && !await gate.MayPointToHolderAsync(httpContext, mapping, _handle.Id.Value))
        {
            await AcceptedAnswer.WriteAsync(httpContext, hasEnded: false, location: null,
                new UntoldJobView(true, GuessableIdGate.WhyNotPointedTo), WebJson.Default.UntoldJobView);
            return;
        }

        var mayWait = await gate.MayWaitAsync(httpContext, mapping, _handle.Id.Value, _handle.IsDuplicate, _handle.IsFoundByKey);
        var ended = await PreferredWait
            .ForEndAsync(httpContext, mayWait,
            async (jobs, cancellationToken) => await jobs.WaitAsync(_handle.Id, cancellationToken) ?? NotKept());
        if ((ended is { State: JobState.Unknown } && _handle.State == JobState.Unknown)
            || (ended is not null && _handle.IsDuplicate && !await StoreAnswer
            .UnlessAwayAsync(() => MaySeeAsync(httpContext, mapping, ended).AsTask())))
        {
            // The result is left out: either it is not known whether the job is stored, or another client has stored it and only those who
            // may see it get its result.
            ended = null;
        }

        var view = ended is not null
            ? views.Of(httpContext, ended, mapping, withResult: true)
            : views.Of(httpContext, _handle.Id, await StateAsync(httpContext), mapping);
        view = view with { Duplicate = _handle.IsDuplicate ? true : null };
        await AcceptedAnswer.WriteAsync(httpContext, ended is not null, view.Links.Status, view, WebJson.Default.JobView);
    }

    /// <summary>The state of the job. Of a job that was enqueued in a transaction of the endpoint's own, the handle does not know whether
    /// that was committed, so it is read from the store.</summary>
    private async Task<JobState> StateAsync(HttpContext context) => _handle.State != JobState.Unknown ? _handle.State
        : (await PreferredWait.ReadAsync(context, jobs => jobs.GetAsync(_handle.Id, context.RequestAborted)))?.State ?? JobState.Unknown;

    // If no store keeps the job, only its end is known and not its kind or tags, and Authorize has nothing to decide by.
    private static async ValueTask<bool> MaySeeAsync(HttpContext context, JobMapping mapping, JobRecord ended) =>
        mapping.Options.Authorize is not { } authorize || (ended.Kind.Length > 0 && await authorize(context, ended));

    /// <summary>The record of a job that was stored and is not kept.</summary>
    private JobRecord NotKept() =>
        new() { Id = _handle.Id, Kind = "", Queue = "", State = JobState.Unknown, Reason = StoreRules.NotKeptReason };

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        AcceptedAnswer.Describe<JobView>(builder);
}
