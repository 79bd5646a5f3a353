using Microsoft.AspNetCore.Http;

namespace Simmer;

/// <summary>How <c>MapJobs</c> shows jobs over HTTP.</summary>
public sealed class JobsEndpointOptions
{
    /// <summary>Tells apart two mappings of one application; give it to <see cref="JobResults.Accepted(JobHandle, string?)"/> to point to
    /// this one.</summary>
    /// <value>Default: none; only one mapping may go without.</value>
    public string? Name { get; set; }

    /// <summary>Whether a request may see and steer a job. Asked for every request, after the endpoint's own authorisation. A refusal is
    /// answered 404, exactly like an unknown id, so that nobody learns which jobs exist.</summary>
    /// <remarks>For a workflow it is asked once, with the job of the workflow's first step, which speaks for all of them: who may see that
    /// job may see and cancel the whole workflow. Asking for each of many steps would be too slow, so decide by what they have in common,
    /// such as a tag. A workflow without steps has no such job and is refused. The id of one step tells those of its workflow and of all
    /// the other steps.</remarks>
    /// <value>Default: every request that knows the id may. An id that Simmer made is random and cannot be guessed; one that is made from a
    /// name can, and is not served (see <see cref="AllowGuessableIds"/>).</value>
    public Func<HttpContext, JobRecord, ValueTask<bool>>? Authorize { get; set; }

    /// <summary>Whether whoever knows a name may see and cancel what belongs to it: jobs and workflows are served although their ids may be
    /// made from names, as by <see cref="WorkflowId.For"/>, and a repeat of a <see cref="EnqueueOptions.UniqueKey"/> is answered with the
    /// place of the job that holds the key. Whoever knows the number of an order then sees and cancels what is done for it.
    /// Right where only people who may do that reach these endpoints, or where the names and keys hold something random.</summary>
    /// <remarks>Without it a decision has to be made who may see them: <c>RequireAuthorization()</c> on what <c>MapJobs</c> returns, a
    /// fallback policy, or <see cref="Authorize"/>. Until then such ids are answered 404 with the reason, and
    /// <see cref="JobResults.Accepted(JobHandle, string?)"/> answers a repeat of a unique key with <c>duplicate: true</c> and the reason,
    /// without id, <c>Location</c> and links. Random is a UUID of version 7, as Simmer makes them, or 4; every other may be made from a
    /// name. A hash of your own that passes itself off as a random UUID is not found out.</remarks>
    /// <value>Default: <see langword="false"/>.</value>
    public bool AllowGuessableIds { get; set; }

    /// <summary>Other sites whose pages may cancel, such as <c>https://shop.example</c>. A browser's request that comes from another origin
    /// is refused with 403 otherwise (<c>Sec-Fetch-Site</c>, <c>Origin</c>):
    /// a form on any page could cancel with the cookies of whoever looks at it. Clients that are no browsers, and requests with an
    /// <c>Authorization: Bearer</c> header, are not concerned.</summary>
    /// <value>Default: none.</value>
    public IList<string> TrustedOrigins { get; } = [];

    /// <summary>Whether the message of a handler's exception is shown. Messages may tell secrets: leave it off for the public.</summary>
    /// <value>Default: <see langword="false"/>; what a handler says itself, as with <see cref="JobVerdict.Fail"/>, is always shown.</value>
    public bool ShowErrors { get; set; }
}
