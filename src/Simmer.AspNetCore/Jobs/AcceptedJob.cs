using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.AspNetCore;
using Simmer.AspNetCore.Jobs;

namespace Simmer;

/// <summary>202 Accepted for an enqueued job, or 200 with its end if the client wanted to wait. Made by <see cref="JobResults.Accepted"/>.</summary>
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

        var ended = await WaitIfWantedAsync(httpContext);
        var view = ended is not null
            ? views.Of(httpContext, ended, mapping, withResult: true)
            : views.Of(httpContext, _handle.Id, _handle.State, mapping);

        httpContext.Response.StatusCode = ended is not null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        httpContext.Response.Headers.Location = view.Links.Status;
        await httpContext.Response.WriteAsJsonAsync(view, WebJson.Default.JobView, cancellationToken: httpContext.RequestAborted);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(JobView), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(JobView), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(ProblemDetails), ["application/problem+json"]));
    }

    private async Task<JobRecord?> WaitIfWantedAsync(HttpContext context)
    {
        context.Response.Headers.Append("Vary", "Prefer");
        var seconds = PreferWait.Seconds(context.Request.Headers["Prefer"]);
        if (seconds == 0)
        {
            return null;
        }

        context.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
        var time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping, context.RequestAborted);
        try
        {
            var job = await context.RequestServices.GetRequiredService<IJobClient>().WaitAsync(_handle.Id, linked.Token);
            return job is { State: not JobState.Unknown } ? job : null;
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // Not in time, or a shutdown: the client knows where to ask.
            return null;
        }
    }
}
