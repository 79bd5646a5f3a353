using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.Overload;

/// <summary>On a developer's machine too, a full queue or a store that is away is a 503 and not the error page.</summary>
internal sealed class UnavailableDeveloperPage(ILoggerFactory loggers) : IDeveloperPageExceptionFilter
{
    private readonly ILogger _logger = GuardedLogger.For(loggers, "Simmer.AspNetCore");

    public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        if (!UnavailableAnswer.Fits(errorContext.Exception) || !await UnavailableAnswer
            .TryWriteAsync(errorContext.HttpContext, errorContext.Exception, _logger))
        {
            await next(errorContext);
        }
    }
}
