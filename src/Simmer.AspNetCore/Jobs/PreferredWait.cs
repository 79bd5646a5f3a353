using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.AspNetCore.Overload;

namespace Simmer.AspNetCore.Jobs;

/// <summary>Waits for the end of the accepted job or workflow, as long as the client asks for.</summary>
internal static class PreferredWait
{
    /// <summary>Reads something for an answer that is complete without it as well; null if the store is away.</summary>
    public static Task<TRecord?> ReadAsync<TRecord>(HttpContext context, Func<IJobClient, Task<TRecord?>> readAsync)
        where TRecord : class =>
        StoreAnswer.UnlessAwayAsync(() => StoreAnswer
            .InTimeAsync(context, readAsync(context.RequestServices.GetRequiredService<IJobClient>())));

    /// <summary>The record after its end; null if the client does not ask to wait or may not, or if the end did not come in time.</summary>
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
            // WaitAsync ends the wait even if a read hangs and does not obey its token.
            return await waitAsync(context.RequestServices.GetRequiredService<IJobClient>(), linked.Token).WaitAsync(linked.Token);
        }
        catch (Exception e) when (e is StoreException { IsTransient: true }
            || e is OperationCanceledException && linked.IsCancellationRequested)
        {
            // The time is over, the process stops, or the store went away after the enqueue. The job is stored, and the client knows where
            // to ask for it.
            return null;
        }
    }
}
