using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Answers;
using Simmer.AspNetCore.Overload;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.AspNetCore.Jobs;

/// <summary>What the endpoints of jobs and of workflows have in common: they find what a request asks for or answer why there is nothing,
/// show it, and cancel it.</summary>
internal abstract class RecordEndpoints<TId, TRecord>(JobMapping mapping)
    where TId : struct, IParsable<TId>
    where TRecord : class
{
    public JobMapping Mapping => mapping;

    /// <summary>Describes what an id looks like, for a client that sent something else.</summary>
    protected abstract string WhatAnIdIs { get; }

    /// <summary>What is served, such as <c>job</c>.</summary>
    protected abstract string Noun { get; }

    public Task StatusAsync(HttpContext context) => ForAsync(context, asked => WriteAsync(asked, StatusCodes.Status200OK));

    public Task CancelAsync(HttpContext context) => CrossSite.WhyRefused(context.Request, mapping.Options.TrustedOrigins) is { } why
        ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, why)
        : ForAsync(context, CancelAsync);

    private async Task CancelAsync(Asked<TId, TRecord> asked)
    {
        var context = asked.Context;
        var answer = await StoreAnswer.InTimeAsync(context, CancelAsync(asked, "cancelled over HTTP"));
        var now = answer == CancelResult.NotFound
            ? null
            : await StoreAnswer.InTimeAsync(context, FindAsync(asked.Jobs, asked.Id, asked.Aborted));
        asked = asked with { Record = now ?? asked.Record };
        await (answer switch
        {
            CancelResult.Cancelled => WriteAsync(asked, StatusCodes.Status200OK),
            CancelResult.Requested => WriteAsync(asked, StatusCodes.Status202Accepted),
            CancelResult.AlreadyFinished => Problem.WriteAsync(context, StatusCodes.Status409Conflict, WhyNotCancelled(asked.Record)),
            _ => NotFoundAsync(context, asked.Id),
        });
    }

    /// <summary>Finds what the request asks for and goes on with it, or answers why there is nothing for the request.</summary>
    public async Task ForAsync(HttpContext context, Func<Asked<TId, TRecord>, Task> answer)
    {
        CallerContext.Leave();
        context.Response.Headers.CacheControl = "no-store";
        var text = context.GetRouteValue("id") as string;
        if (!TId.TryParse(text, null, out var id))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest,
                $"'{StoreRules.Cut(text, StoreRules.LongestShown)}' is not a {Noun} id; {WhatAnIdIs}");
            return;
        }

        try
        {
            // Checked before anything is looked up, because the answer must not show whether there is such a job.
            if (!await context.RequestServices.GetRequiredService<GuessableIdGate>().MayServeAsync(context, mapping, ValueOf(id)))
            {
                await Problem.WriteAsync(context, StatusCodes.Status404NotFound, GuessableIdGate.WhyNotServed);
                return;
            }

            var jobs = context.RequestServices.GetRequiredService<IJobClient>();
            var asked = await StoreAnswer.InTimeAsync(context, FindAsync(jobs, id, context.RequestAborted)) is { } record
                ? new Asked<TId, TRecord>(context, jobs, id, record)
                : null;
            await (asked is not null && await MaySeeAsync(asked) ? answer(asked) : NotFoundAsync(context, id));
        }
        catch (StoreException e) when (e.IsTransient && !context.Response.HasStarted)
        {
            await UnavailableAnswer.WriteAsync(context, e.OutcomeUnknown
                ? $"The store of jobs did not answer in time. If you asked to change the {Noun}, that may have been done all the same: "
                    + "look at it, or ask again."
                : "The store of jobs is busy or cannot be reached. Try again later.");
        }
    }

    protected abstract Guid ValueOf(TId id);

    protected abstract Task<TRecord?> FindAsync(IJobClient jobs, TId id, CancellationToken cancellationToken);

    /// <summary>Whether the request may see it. The application's own check is not limited in time.</summary>
    protected abstract ValueTask<bool> MaySeeAsync(Asked<TId, TRecord> asked);

    protected abstract Task<CancelResult> CancelAsync(Asked<TId, TRecord> asked, string reason);

    protected abstract string WhyNotCancelled(TRecord record);

    protected abstract Task WriteAsync(Asked<TId, TRecord> asked, int status);

    private Task NotFoundAsync(HttpContext context, TId id) => Problem.WriteAsync(
        context, StatusCodes.Status404NotFound,
            $"No {Noun} {id} is known here: it never existed, it has finished and its record is not kept (any more), or it is in the "
            + "memory of another process.");
}
