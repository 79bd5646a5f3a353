using System.Diagnostics;
using Simmer;

namespace Storefront.Compare;

public static class CompareEndpoints
{
    public static IEndpointRouteBuilder MapCompare(this IEndpointRouteBuilder routes)
    {
        var compare = routes.MapGroup("/compare");
        compare.MapPost("/" + Ways.Inline, InlineAsync).Timed(Ways.Inline);
        compare.MapPost("/" + Ways.AfterResponse, AfterResponse).Timed(Ways.AfterResponse);
        compare.MapPost("/" + Ways.Durable, DurableAsync).Timed(Ways.Durable);
        compare.MapGet("/{run:guid}", SummaryAsync);
        return routes;
    }

    /// <summary>The visitor waits for the gateway.</summary>
    private static async Task<IResult> InlineAsync(Guid run, ReceiptMailer mailer, CancellationToken cancellationToken)
    {
        await mailer.SendAsync(Guid.NewGuid().ToString(), run.ToString(), Ways.Inline, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>The client does not wait for the mail, which is lost if the process dies in that moment.</summary>
    private static IResult AfterResponse(Guid run, BackgroundTasks tasks)
    {
        var key = Guid.NewGuid().ToString();
        tasks.Add((ReceiptMailer mailer, CancellationToken ct) => mailer.SendAsync(key, run.ToString(), Ways.AfterResponse, ct));
        return TypedResults.NoContent();
    }

    /// <summary>The visitor waits for one commit; nothing loses the mail any more.</summary>
    private static async Task<IResult> DurableAsync(Guid run, IJobClient jobs, CancellationToken cancellationToken)
    {
        await jobs.EnqueueAsync(new SendReceipt(run.ToString()), cancellationToken: cancellationToken);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<CompareSummary> SummaryAsync(Guid run, Timings timings, ReceiptMailer mailer,
        CancellationToken cancellationToken)
    {
        var sent = await mailer.CountAsync(run.ToString(), cancellationToken);
        return new CompareSummary([.. Ways.All
            .Select(way => Summarise(way, timings.Of(run.ToString(), way), sent.GetValueOrDefault(way)))]);
    }

    private static WaySummary Summarise(string way, double[] ascending, long sent) =>
        new(way, ascending.Length, ascending is [] ? null : ascending[ascending.Length / 2], sent);

    private static void Timed(this RouteHandlerBuilder endpoint, string way) => endpoint.AddEndpointFilter(async (context, next) =>
    {
        var started = Stopwatch.GetTimestamp();
        var result = await next(context);
        context.HttpContext.RequestServices.GetRequiredService<Timings>()
            .Add(context.GetArgument<Guid>(0).ToString(), way, Stopwatch.GetElapsedTime(started));
        return result;
    });
}

/// <summary>One run of the comparison.</summary>
public sealed record CompareSummary(IReadOnlyList<WaySummary> Ways);

/// <summary>One way in one run: how many requests, their median time to an answer, and how many mails have gone out so far.</summary>
public sealed record WaySummary(string Way, int Requests, double? MedianMilliseconds, long Sent);
