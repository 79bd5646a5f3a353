using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Makes the URLs under which clients find a job or workflow.</summary>
internal sealed class ViewLinks(LinkGenerator links)
{
    public string Of(HttpContext context, JobId job, JobMapping mapping) => Of(context, "Status", job.ToString(), mapping);

    public string Of(HttpContext context, WorkflowId workflow, JobMapping mapping) =>
        Of(context, "WorkflowStatus", workflow.ToString(), mapping);

    // Given only a name, the generator takes nothing from the request. The prefix of a group may have parameters, such as a tenant, so the
    // route values are passed.
    private string Of(HttpContext context, string endpoint, string id, JobMapping mapping) =>
        links.GetPathByAddress(context, mapping.EndpointName(endpoint), new RouteValueDictionary { ["id"] = id },
            context.Request.RouteValues)
            ?? throw new InvalidOperationException(
                $"No link into {mapping} can be made from {context.Request.Path}: its prefix has parameters that this request does not "
                + "have.");
}
