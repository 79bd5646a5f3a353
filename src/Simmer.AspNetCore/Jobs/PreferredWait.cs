using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Waits for the end of what was accepted, as long as the client would like to.</summary>
internal static class PreferredWait
{
    /// <summary>What the wait gave; null if the client does not wait, or in vain.</summary>
    public static async Task<TRecord?> ForEndAsync<TRecord>(HttpContext context, Func<IJobClient, CancellationToken, Task<TRecord?>> waitAsync)
        where TRecord : class
    {
        context.Response.Headers.Append("Vary", "Prefer");
        var seconds = PreferWait.Seconds(context.Request.Headers["Prefer"]);
        if (seconds == 0)
        {
            return null;
        }

        context.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
        var time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping, context.RequestAborted);
        try
        {
            return await waitAsync(context.RequestServices.GetRequiredService<IJobClient>(), linked.Token);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // Not in time, or a shutdown: the client knows where to ask.
            return null;
        }
    }
}
