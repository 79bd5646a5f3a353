using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Overload;

/// <summary>On a developer's machine too, a full queue is a 503 and not the error page.</summary>
internal sealed class QueueFullDeveloperPage(ILoggerFactory loggers) : IDeveloperPageExceptionFilter
{
    private readonly ILogger _logger = loggers.CreateLogger("Simmer.AspNetCore");

    public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        if (errorContext.Exception is not QueueFullException e || !await QueueFullAnswer.TryWriteAsync(errorContext.HttpContext, e, _logger))
        {
            await next(errorContext);
        }
    }
}
