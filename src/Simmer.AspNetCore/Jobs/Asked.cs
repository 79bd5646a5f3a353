using Microsoft.AspNetCore.Http;

namespace Simmer.AspNetCore.Jobs;

/// <summary>What a request asks for and may see: a job or a workflow.</summary>
internal sealed record Asked<TId, TRecord>(HttpContext Context, IJobClient Jobs, TId Id, TRecord Record)
{
    public CancellationToken Aborted => Context.RequestAborted;
}
