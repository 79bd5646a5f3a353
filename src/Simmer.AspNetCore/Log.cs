using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore;

/// <summary>Everything that the web part logs. Event ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Warning, "{Method} {Path} is answered 503: queue {Queue} is full ({Capacity} wait)")]
    public static partial void QueueFull(this ILogger logger, string method, string path, string queue, int capacity);

    [LoggerMessage(2001, LogLevel.Warning, "{Method} {Path} is aborted: queue {Queue} is full ({Capacity} wait) and the response had started")]
    public static partial void QueueFullAfterStart(this ILogger logger, string method, string path, string queue, int capacity);
}
