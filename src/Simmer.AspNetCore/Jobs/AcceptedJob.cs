using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore;
using Simmer.AspNetCore.Jobs;

namespace Simmer;

/// <summary>202 Accepted for an enqueued job, or 200 with its end if the client wanted to wait. Made by <see cref="JobResults.Accepted(JobHandle, string?)"/>.</summary>
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
        ArgumentNullException.ThrowIfNull(httpContext);
        var mapping = httpContext.RequestServices.GetRequiredService<JobMappings>().Get(_name);
        var views = httpContext.RequestServices.GetRequiredService<JobViews>();

        var ended = await PreferredWait.ForEndAsync(httpContext, (jobs, cancellationToken) => jobs.WaitAsync(_handle.Id, cancellationToken));
        ended = ended is { State: JobState.Unknown } ? null : ended;
        var view = ended is not null
            ? views.Of(httpContext, ended, mapping, withResult: true)
            : views.Of(httpContext, _handle.Id, _handle.State, mapping);
        await AcceptedAnswer.WriteAsync(httpContext, ended is not null, view.Links.Status, view, WebJson.Default.JobView);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) => AcceptedAnswer.Describe<JobView>(builder);
}
