using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Diagnostics;

/// <summary>Everything that the web part logs. Event ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Warning,
        "{Method} {Path} is answered 503: queue {Queue} is full (waiting: {Capacity}). Raise its Capacity or Concurrency")]
    public static partial void QueueFull(this ILogger logger, string method, string path, string queue, int capacity);

    [LoggerMessage(2001, LogLevel.Warning,
        "{Method} {Path} is aborted: queue {Queue} is full (waiting: {Capacity}) and the response had started. Raise its Capacity or "
        + "Concurrency")]
    public static partial void QueueFullAfterStart(this ILogger logger, string method, string path, string queue, int capacity);

    [LoggerMessage(2002, LogLevel.Warning, "{Method} {Path} is answered 503: the store of jobs is busy or away")]
    public static partial void StoreAway(this ILogger logger, Exception e, string method, string path);

    [LoggerMessage(2003, LogLevel.Warning, "{Method} {Path} is aborted: the store of jobs is busy or away and the response had started")]
    public static partial void StoreAwayAfterStart(this ILogger logger, Exception e, string method, string path);

    [LoggerMessage(2004, LogLevel.Warning,
        "JobResults.Accepted points to {Mapping}, which does not serve {Id}: anybody who knows a name can make the id that belongs to "
        + "it. Decide who may see it: RequireAuthorization() on what MapJobs returns, its Authorize, or AllowGuessableIds = true. "
        + "A client is told 404 with the reason, and Prefer: wait does not wait. This is said once")]
    public static partial void GuessableIdNotServed(this ILogger logger, string mapping, Guid id);

    [LoggerMessage(2005, LogLevel.Warning,
        "JobResults.Accepted does not tell a client that job {Id} holds the unique key it gave: the job may be another user's, and "
        + "anybody who knows the key could then read and cancel it by {Mapping}. Decide who may see it: RequireAuthorization() on "
        + "what MapJobs returns, its Authorize, or AllowGuessableIds = true. The client is answered 202 with duplicate: true, without id "
        + "and links. This is said once")]
    public static partial void HolderNotPointedTo(this ILogger logger, Guid id, string mapping);
}
