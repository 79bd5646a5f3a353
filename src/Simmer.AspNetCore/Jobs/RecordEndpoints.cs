using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Storage;

namespace Simmer.AspNetCore.Jobs;

/// <summary>What the endpoints of jobs and of workflows do alike: find what a request asks for, or say why there is nothing for it; show it; cancel it.</summary>
internal abstract class RecordEndpoints<TId, TRecord>(JobMapping mapping)
    where TId : struct, IParsable<TId>
    where TRecord : class
{
    public JobMapping Mapping => mapping;

    /// <summary>What an id is, for a client that sent something else.</summary>
    protected abstract string WhatAnIdIs { get; }

    /// <summary>Such as <c>job</c>.</summary>
    protected abstract string Noun { get; }

    public Task StatusAsync(HttpContext context) => ForAsync(context, asked => WriteAsync(asked, StatusCodes.Status200OK));

    public Task CancelAsync(HttpContext context) => ForAsync(context, async asked =>
    {
        var answer = await CancelAsync(asked, "cancelled over HTTP");
        var now = answer == CancelResult.NotFound ? null : await FindAsync(asked.Jobs, asked.Id, asked.Aborted);
        asked = asked with { Record = now ?? asked.Record };
        await (answer switch
        {
            CancelResult.Cancelled => WriteAsync(asked, StatusCodes.Status200OK),
            CancelResult.Requested => WriteAsync(asked, StatusCodes.Status202Accepted),
            CancelResult.AlreadyFinished => Problem.WriteAsync(context, StatusCodes.Status409Conflict, WhyNotCancelled(asked.Record)),
            _ => NotFoundAsync(context, asked.Id),
        });
    });

    /// <summary>Finds what the request asks for, or answers why there is nothing for it.</summary>
    public async Task ForAsync(HttpContext context, Func<Asked<TId, TRecord>, Task> answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        var text = context.GetRouteValue("id") as string;
        if (!TId.TryParse(text, null, out var id))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, $"'{text}' is not a {Noun} id; {WhatAnIdIs}");
            return;
        }

        try
        {
            var jobs = context.RequestServices.GetRequiredService<IJobClient>();
            var asked = await FindAsync(jobs, id, context.RequestAborted) is { } record ? new Asked<TId, TRecord>(context, jobs, id, record) : null;
            await (asked is not null && await MaySeeAsync(asked) ? answer(asked) : NotFoundAsync(context, id));
        }
        catch (StoreException e) when (e.IsTransient && !context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The store of jobs cannot be reached. Try again later.");
        }
    }

    protected abstract Task<TRecord?> FindAsync(IJobClient jobs, TId id, CancellationToken cancellationToken);

    protected abstract ValueTask<bool> MaySeeAsync(Asked<TId, TRecord> asked);

    protected abstract Task<CancelResult> CancelAsync(Asked<TId, TRecord> asked, string reason);

    protected abstract string WhyNotCancelled(TRecord record);

    protected abstract Task WriteAsync(Asked<TId, TRecord> asked, int status);

    private Task NotFoundAsync(HttpContext context, TId id) => Problem.WriteAsync(
        context, StatusCodes.Status404NotFound, $"No {Noun} {id} is known here: it never existed, its time was over and it was pruned, or it is in the memory of another process.");
}
