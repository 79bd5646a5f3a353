using Microsoft.AspNetCore.Http;

namespace Simmer;

/// <summary>How <c>MapJobs</c> shows jobs over HTTP.</summary>
public sealed class JobsEndpointOptions
{
    /// <summary>Tells apart two mappings of one application; give it to <see cref="JobResults.Accepted(JobHandle, string?)"/> to point to this one.</summary>
    /// <value>Default: none; only one mapping may go without.</value>
    public string? Name { get; set; }

    /// <summary>Whether a request may see and steer a job. Asked for every request, after the endpoint's own authorisation. A refusal is answered
    /// 404, exactly like an unknown id, so that nobody learns which jobs exist.</summary>
    /// <remarks>For a workflow it is asked once, with the job of the workflow's first step, which speaks for all of them: who may see that job may see and cancel the whole workflow. Asking for
    /// each of many steps would be too slow, so decide by what they have in common, such as a tag. A workflow without steps has no such job and is refused. The id of one step tells those of
    /// its workflow and of all the other steps.</remarks>
    /// <value>Default: every request that knows the id may; an id cannot be guessed.</value>
    public Func<HttpContext, JobRecord, ValueTask<bool>>? Authorize { get; set; }

    /// <summary>Whether the message of a handler's exception is shown. Messages may tell secrets: leave it off for the public.</summary>
    /// <value>Default: <see langword="false"/>; what a handler says itself, as with <see cref="JobResult.Fail"/>, is always shown.</value>
    public bool ShowErrors { get; set; }
}
