using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.AspNetCore.Overload;
using Simmer.Storage;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Waits for the end of what was accepted, as long as the client would like to.</summary>
internal static class PreferredWait
{
    /// <summary>Looks something up for an answer that does without it as well.</summary>
    public static Task<TRecord?> ReadAsync<TRecord>(HttpContext context, Func<IJobClient, Task<TRecord?>> readAsync)
        where TRecord : class =>
        StoreAnswer.UnlessAwayAsync(() => StoreAnswer
            .InTimeAsync(context, readAsync(context.RequestServices.GetRequiredService<IJobClient>())));

    /// <summary>What the wait gave; null if the client does not wait, may not, or waited in vain.</summary>
    public static async Task<TRecord?> ForEndAsync<TRecord>(HttpContext context, bool mayWait,
        Func<IJobClient, CancellationToken, Task<TRecord?>> waitAsync)
        where TRecord : class
    {
        context.Response.Headers.Append("Vary", "Prefer");
        var seconds = PreferWait.Seconds(context.Request.Headers["Prefer"]);
        if (!mayWait || seconds == 0)
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
            // A read that hangs does not look at its token.
            return await waitAsync(context.RequestServices.GetRequiredService<IJobClient>(), linked.Token).WaitAsync(linked.Token);
        }
        catch (Exception e) when (e is StoreException { IsTransient: true }
            || e is OperationCanceledException && linked.IsCancellationRequested)
        {
            // Not in time, a shutdown, or the store went away behind the enqueue: it is stored, and the client knows where to ask.
            return null;
        }
    }
}
