using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Overload;

/// <summary>On a developer's machine too, a full queue or a store that is away is a 503 and not the error page.</summary>
internal sealed class UnavailableDeveloperPage(ILoggerFactory loggers) : IDeveloperPageExceptionFilter
{
    private readonly ILogger _logger = loggers.CreateLogger("Simmer.AspNetCore");

    public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        if (!UnavailableAnswer.Fits(errorContext.Exception) || !await UnavailableAnswer.TryWriteAsync(errorContext.HttpContext, errorContext.Exception, _logger))
        {
            await next(errorContext);
        }
    }
}
