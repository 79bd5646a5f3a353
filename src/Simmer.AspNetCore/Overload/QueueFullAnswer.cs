using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Overload;

/// <summary>What a client is told when an in-memory queue has no room: 503 with <c>Retry-After</c> (RFC 9110, 15.6.4 and 10.2.3).</summary>
internal static class QueueFullAnswer
{
    private const string RetryAfterSeconds = "5";

    /// <returns>False: the response has started; the connection is aborted, lest the client take it for complete.</returns>
    public static async Task<bool> TryWriteAsync(HttpContext context, QueueFullException e, ILogger logger)
    {
        if (context.Response.HasStarted)
        {
            logger.QueueFullAfterStart(context.Request.Method, context.Request.Path, e.Queue, e.Capacity);
            context.Abort();
            return false;
        }

        logger.QueueFull(context.Request.Method, context.Request.Path, e.Queue, e.Capacity);
        context.Response.Clear();
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server has more background work than it can take on. Try again later.");
        return true;
    }
}
