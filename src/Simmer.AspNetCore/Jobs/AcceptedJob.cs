using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Overload;
using Simmer.Execution;
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
            // Nobody knows whether it is stored, or somebody else has stored it before: what came of that is for those who may see it.
            ended = null;
        }

        var view = ended is not null
            ? views.Of(httpContext, ended, mapping, withResult: true)
            : views.Of(httpContext, _handle.Id, await StateAsync(httpContext), mapping);
        view = view with { Duplicate = _handle.IsDuplicate ? true : null };
        await AcceptedAnswer.WriteAsync(httpContext, ended is not null, view.Links.Status, view, WebJson.Default.JobView);
    }

    /// <summary>What was enqueued in a transaction of the endpoint's is looked up: its handle does not know whether that was
    /// committed.</summary>
    private async Task<JobState> StateAsync(HttpContext context) => _handle.State != JobState.Unknown ? _handle.State
        : (await PreferredWait.ReadAsync(context, jobs => jobs.GetAsync(_handle.Id, context.RequestAborted)))?.State ?? JobState.Unknown;

    // Of an end that no store keeps only the end is known, which is nothing to decide by.
    private static async ValueTask<bool> MaySeeAsync(HttpContext context, JobMapping mapping, JobRecord ended) =>
        mapping.Options.Authorize is not { } authorize || (ended.Kind.Length > 0 && await authorize(context, ended));

    /// <summary>It was stored, and is gone.</summary>
    private JobRecord NotKept() =>
        new() { Id = _handle.Id, Kind = "", Queue = "", State = JobState.Unknown, Reason = StoreRules.NotKeptReason };

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        AcceptedAnswer.Describe<JobView>(builder);
}
