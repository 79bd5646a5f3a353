using Microsoft.AspNetCore.Http;

namespace Simmer.AspNetCore.Jobs;

/// <summary>The job or workflow that a request asks for and may see.</summary>
internal sealed record Asked<TId, TRecord>(HttpContext Context, IJobClient Jobs, TId Id, TRecord Record)
{
    public CancellationToken Aborted => Context.RequestAborted;
}
