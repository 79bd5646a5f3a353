using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.Overload;

/// <summary>Answers for a full queue and a store that is away where the application has an exception handler, before its own handlers are
/// asked.</summary>
internal sealed class UnavailableExceptionHandler(ILoggerFactory loggers) : IExceptionHandler
{
    private readonly ILogger _logger = GuardedLogger.For(loggers, "Simmer.AspNetCore");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken) =>
        UnavailableAnswer.Fits(exception) && await UnavailableAnswer.TryWriteAsync(httpContext, exception, _logger);
}
