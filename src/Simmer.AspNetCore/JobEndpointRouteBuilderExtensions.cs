using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Simmer;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Views;
using Simmer.AspNetCore.Workflows;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Shows jobs over HTTP.</summary>
public static class JobEndpointRouteBuilderExtensions
{
    /// <summary>Maps the status of jobs (<c>GET {id}</c>), their results (<c>GET {id}/result</c>), live events (<c>GET {id}/events</c>,
    /// server-sent events) and cancelling (<c>POST {id}/cancel</c> or <c>DELETE {id}</c>): for your users' progress bars. The same for
    /// workflows: status with the graph (<c>GET workflows/{id}</c>; <c>?steps=false</c> leaves it out), live events of the whole workflow
    /// (<c>GET workflows/{id}/events</c>) and cancelling (<c>POST workflows/{id}/cancel</c>).</summary>
    /// <remarks>Anybody who knows the id of a job or a workflow may see and cancel it, unless you call <c>RequireAuthorization()</c> on
    /// what is returned or set <see cref="JobsEndpointOptions.Authorize"/>.
    /// Without either, ids that may be made from names (<see cref="WorkflowId.For"/>) are not served, and a repeat of a unique key is not
    /// pointed to the job that holds it: see <see cref="JobsEndpointOptions.AllowGuessableIds"/>. Cancelling from a page of another site is
    /// refused: see <see cref="JobsEndpointOptions.TrustedOrigins"/>.</remarks>
    /// <param name="endpoints">The application, or a group of endpoints.</param>
    /// <param name="prefix">The beginning of the paths, such as <c>/jobs</c>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder for conventions of all these endpoints.</returns>
    /// <exception cref="InvalidOperationException"><c>AddSimmer</c> was not called, or two mappings have the same name or none.</exception>
    public static IEndpointConventionBuilder MapJobs(this IEndpointRouteBuilder endpoints, string prefix,
        Action<JobsEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        var mappings = endpoints.ServiceProvider.GetService<JobMappings>()
            ?? throw new InvalidOperationException("MapJobs needs Simmer's web part: call builder.Services.AddSimmer().");
        var options = new JobsEndpointOptions();
        configure?.Invoke(options);
        var mapping = new JobMapping(options.Name, prefix, options);
        mappings.Add(mapping);

        var group = endpoints.MapGroup(prefix);
        var jobs = new JobEndpoints(mapping);
        Describe(group.MapGet("/{id}", jobs.StatusAsync), mapping, "Status", "A job's state and progress", (200, typeof(JobView)));
        Describe(group.MapGet("/{id}/result", jobs.ResultAsync), mapping, "Result", "The result of a job that has succeeded",
            (200, typeof(object)), (204, null), (409, typeof(ProblemDetails)));
        Describe(group.MapGet("/{id}/events", new JobEventStream(jobs).ServeAsync), mapping, "Events",
            "A job's snapshots as they change, as server-sent events", (200, typeof(JobView)), (204, null));
        Describe(group.MapPost("/{id}/cancel", jobs.CancelAsync), mapping, "Cancel", "Cancels a job", (200, typeof(JobView)),
            (202, typeof(JobView)), (409, typeof(ProblemDetails)));
        Describe(group.MapDelete("/{id}", jobs.CancelAsync), mapping, "Delete", "Cancels a job", (200, typeof(JobView)),
            (202, typeof(JobView)), (409, typeof(ProblemDetails)));

        var workflows = new WorkflowEndpoints(mapping);
        DescribeWorkflow(group.MapGet("/workflows/{id}", workflows.StatusAsync), mapping, "WorkflowStatus",
            "A workflow's state and progress, its steps and what they wait for", (200, typeof(WorkflowView)));
        DescribeWorkflow(group.MapGet("/workflows/{id}/events", new WorkflowEventStream(workflows).ServeAsync), mapping, "WorkflowEvents",
            "A workflow's snapshots as it or one of its steps changes, as server-sent events", (200, typeof(WorkflowView)), (204, null));
        DescribeWorkflow(group.MapPost("/workflows/{id}/cancel", workflows.CancelAsync), mapping, "WorkflowCancel",
            "Cancels what is unfinished of a workflow", (200, typeof(WorkflowView)), (202, typeof(WorkflowView)),
            (409, typeof(ProblemDetails)));
        return group;
    }

    private static void DescribeWorkflow(IEndpointConventionBuilder endpoint, JobMapping mapping, string name, string summary,
        params ReadOnlySpan<(int Status, Type? Body)> answers)
    {
        Describe(endpoint, mapping, name, summary, answers);
        endpoint.WithMetadata(EndpointParameter.Steps);
    }

    private static void Describe(IEndpointConventionBuilder endpoint, JobMapping mapping, string name, string summary,
        params ReadOnlySpan<(int Status, Type? Body)> answers)
    {
        endpoint.WithName(mapping.EndpointName(name)).WithSummary(summary).WithTags("Jobs");
        // OpenAPI sees no parameters in a RequestDelegate, so the endpoint is described by a method that has them.
        endpoint.WithMetadata(EndpointParameter.Method, EndpointParameter.Id);
        foreach (var (status, body) in answers)
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, body, body is null ? null : [ContentType(name, body)]));
        }

        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ProblemDetails),
            ["application/problem+json"]));
        if (name.EndsWith("Cancel", StringComparison.Ordinal) || name == "Delete")
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status403Forbidden, typeof(ProblemDetails),
                ["application/problem+json"]));
        }

        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status404NotFound, typeof(ProblemDetails),
            ["application/problem+json"]));
    }

    private static string ContentType(string name, Type body) =>
        body == typeof(ProblemDetails)
            ? "application/problem+json"
            : name.EndsWith("Events", StringComparison.Ordinal)
            ? "text/event-stream"
            : "application/json";
}
