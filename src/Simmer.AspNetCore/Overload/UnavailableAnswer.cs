using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Simmer.AspNetCore.Answers;
using Simmer.AspNetCore.Diagnostics;

namespace Simmer.AspNetCore.Overload;

/// <summary>Answers a client when an in-memory queue is full, or when the store is busy or away: 503 with <c>Retry-After</c> (RFC 9110,
/// 15.6.4 and 10.2.3).</summary>
internal static class UnavailableAnswer
{
    private const string RetryAfterSeconds = "5";

    /// <summary>Whether the same request may succeed later.</summary>
    public static bool Fits(Exception e) => e is QueueFullException or StoreException { IsTransient: true };

    /// <returns>False if the response has started. The connection is aborted then, so that the client does not take it for
    /// complete.</returns>
    public static async Task<bool> TryWriteAsync(HttpContext context, Exception e, ILogger logger)
    {
        if (context.Response.HasStarted)
        {
            Tell(context, e, logger, hasStarted: true);
            context.Abort();
            return false;
        }

        Tell(context, e, logger, hasStarted: false);
        context.Response.Clear();
        await WriteAsync(context, DetailOf(e));
        return true;
    }

    public static Task WriteAsync(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, detail);
    }

    private static string DetailOf(Exception e) => e switch
    {
        QueueFullException => "The server has more background work than it can take on. Try again later.",
        StoreException { OutcomeUnknown: true } =>
            "The store of jobs did not answer in time. What was asked for may have been taken on all the same: look before you ask again.",
        _ => "The store of jobs is busy or away, and what this request asked of it last was not done. Try again later.",
    };

    private static void Tell(HttpContext context, Exception e, ILogger logger, bool hasStarted)
    {
        var (method, path) = (context.Request.Method, context.Request.Path);
        switch (e)
        {
            case QueueFullException full when hasStarted:
                logger.QueueFullAfterStart(method, path, full.Queue, full.Capacity);
                break;
            case QueueFullException full:
                logger.QueueFull(method, path, full.Queue, full.Capacity);
                break;
            case var away when hasStarted:
                logger.StoreAwayAfterStart(away, method, path);
                break;
            case var away:
                logger.StoreAway(away, method, path);
                break;
        }
    }
}
