using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.Overload;

/// <summary>Answers a full queue or a store that is away with 503 in an application that has an exception handler. It is asked before the
/// application's own handlers.</summary>
internal sealed class UnavailableExceptionHandler(ILoggerFactory loggers) : IExceptionHandler
{
    private readonly ILogger _logger = GuardedLogger.For(loggers, "Simmer.AspNetCore");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken) =>
        UnavailableAnswer.Fits(exception) && await UnavailableAnswer.TryWriteAsync(httpContext, exception, _logger);
}
