using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AspNetCore.Views;

namespace Simmer.AspNetCore.Answers;

/// <summary>Writes problem details (RFC 9457) with the application's own service if it has one, otherwise plainly.</summary>
internal static class Problem
{
    public static async Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Detail = detail };
        var service = context.RequestServices?.GetService<IProblemDetailsService>();
        if (service is null || !await service.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem }))
        {
            await context.Response.WriteAsJsonAsync(problem, WebJson.Default.ProblemDetails, "application/problem+json",
                context.RequestAborted);
        }
    }
}
