using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.AspNetCore.Overload;

/// <summary>Answers a full queue or a store that is away with 503 on a developer's machine too, where the error page would come
/// otherwise.</summary>
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
