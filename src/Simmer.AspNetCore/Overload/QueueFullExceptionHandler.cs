using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Overload;

/// <summary>Answers for a full queue where the application has an exception handler, before its own handlers are asked.</summary>
internal sealed class QueueFullExceptionHandler(ILoggerFactory loggers) : IExceptionHandler
{
    private readonly ILogger _logger = loggers.CreateLogger("Simmer.AspNetCore");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken) =>
        exception is QueueFullException e && await QueueFullAnswer.TryWriteAsync(httpContext, e, _logger);
}
