using Microsoft.AspNetCore.Http;

namespace Simmer;

/// <summary>How <c>MapJobs</c> shows jobs over HTTP.</summary>
public sealed class JobsEndpointOptions
{
    /// <summary>The name of this mapping, where an application has more than one. Give it to
    /// <see cref="JobResults.Accepted(JobHandle, string?)"/> to point to this one.</summary>
    /// <value>Default: none; only one mapping may go without.</value>
    public string? Name { get; set; }

    /// <summary>Whether a request may see and cancel a job. Asked for every request, after the endpoint's own authorisation. A refusal is
    /// answered 404, exactly like an unknown id, so that nobody learns which jobs exist.</summary>
    /// <remarks>For a workflow it is asked once, with the job of the first step, whose answer counts for the whole workflow: asking for
    /// each of many steps would be too slow. So decide by what all steps have in common, such as a tag. A workflow without steps has no
    /// such job and is refused. Whoever knows the id of one step knows those of its workflow and of all other steps.</remarks>
    /// <value>Default: every request that knows the id may. An id that Simmer made is random and cannot be guessed; one that is made from a
    /// name can, and is not served (see <see cref="AllowGuessableIds"/>).</value>
    public Func<HttpContext, JobRecord, ValueTask<bool>>? Authorize { get; set; }

    /// <summary>Whether everybody who knows a name may see and cancel what belongs to it. With <see langword="true"/>, jobs and workflows
    /// are served although their ids may have been made from names, as by <see cref="WorkflowId.For"/>, and a repeat of a
    /// <see cref="EnqueueOptions.UniqueKey"/> is answered with the URL of the job that holds the key. Anybody who knows the number of an
    /// order then sees and cancels what is done for it. That is right where only people who may do so reach these endpoints, or where the
    /// names and keys contain something random.</summary>
    /// <remarks>With <see langword="false"/> such ids are answered 404 with the reason until the application has decided who may see them:
    /// by <c>RequireAuthorization()</c> on what <c>MapJobs</c> returns, by a fallback policy, or by <see cref="Authorize"/>. Until then
    /// <see cref="JobResults.Accepted(JobHandle, string?)"/> answers a repeat of a unique key with <c>duplicate: true</c> and the reason,
    /// without id, <c>Location</c> and links. A UUID of version 7, as Simmer makes them, or of version 4 counts as random; every other may
    /// have been made from a name. A hash of your own that has the form of a random UUID is not recognised.</remarks>
    /// <value>Default: <see langword="false"/>.</value>
    public bool AllowGuessableIds { get; set; }

    /// <summary>The origins of other sites whose pages may cancel, such as <c>https://shop.example</c>. Otherwise a browser's request from
    /// another origin is refused with 403 (<c>Sec-Fetch-Site</c>, <c>Origin</c>): a form on any page could cancel with the cookies of the
    /// user who looks at it. Clients that are no browsers, and requests with an <c>Authorization: Bearer</c> header, are not
    /// concerned.</summary>
    /// <value>Default: none.</value>
    public IList<string> TrustedOrigins { get; } = [];

    /// <summary>Whether the messages of a handler's exceptions are shown. They may contain secrets, so leave it off for the
    /// public.</summary>
    /// <value>Default: <see langword="false"/>; what a handler says itself, as with <see cref="JobVerdict.Fail"/>, is always shown.</value>
    public bool ShowErrors { get; set; }
}
