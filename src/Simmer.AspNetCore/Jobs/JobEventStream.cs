using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simmer.AspNetCore.Jobs;

/// <summary>A job's snapshots as server-sent events (WHATWG HTML, 9.2), written by hand: the framework's own result cannot write comments, and sends its
/// headers only with the first event. An event's id is the job's version; <c>state</c> is a change, <c>end</c> the last.</summary>
internal sealed class JobEventStream(JobEndpoints endpoints)
{
    /// <summary>Proxies close connections that are silent for longer, commonly after 30 to 60 seconds.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public Task ServeAsync(HttpContext context) => endpoints.ForJobAsync(context, async (job, jobs) =>
    {
        var seen = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;
        if (job.State.IsFinal() && job.Version == seen)
        {
            // All was said. An event source that is told 204 does not come back; at the end of a stream it would.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await StartAsync(context, ends.Token);
            await FollowAsync(context, job.Id, jobs.WatchAsync(job.Id, seen, ends.Token), ends);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The client left, or this process stops: the client comes back with the last id it saw.
        }
    });

    private static async Task StartAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // The client learns at once that it is connected, however long the job says nothing.
        context.Response.BodyWriter.Write("retry: 2000\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private async Task FollowAsync(HttpContext context, JobId id, IAsyncEnumerable<JobRecord> snapshots, CancellationTokenSource ends)
    {
        using var timer = new PeriodicTimer(KeepAlive, context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System);
        await using var enumerator = snapshots.GetAsyncEnumerator(ends.Token);
        var next = enumerator.MoveNextAsync().AsTask();
        var tick = timer.WaitForNextTickAsync(ends.Token).AsTask();
        try
        {
            var state = JobState.Unknown;
            while (true)
            {
                await Task.WhenAny(next, tick);
                if (!next.IsCompleted)
                {
                    await SayAliveAsync(context, ends.Token);
                    _ = await tick;
                    tick = timer.WaitForNextTickAsync(ends.Token).AsTask();
                }
                else if (await next)
                {
                    state = enumerator.Current.State;
                    await WriteAsync(context, Views(context).Of(context, enumerator.Current, endpoints.Mapping), state, ends.Token);
                    next = enumerator.MoveNextAsync().AsTask();
                }
                else
                {
                    break;
                }
            }

            if (!state.IsFinal())
            {
                // It is gone: pruned while we looked.
                await WriteAsync(context, Views(context).Of(context, id, JobState.Unknown, endpoints.Mapping), JobState.Unknown, ends.Token);
            }
        }
        finally
        {
            // An enumerator may be released only while it rests.
            ends.Cancel();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)tick).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SayAliveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.BodyWriter.Write(": still here\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static async Task WriteAsync(HttpContext context, JobView view, JobState state, CancellationToken cancellationToken)
    {
        var body = context.Response.BodyWriter;
        var isEnd = state == JobState.Unknown || state.IsFinal();
        body.Write(isEnd ? "event: end\n"u8 : "event: state\n"u8);
        if (view.Version is { } version)
        {
            body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {version}\n")));
        }

        body.Write("data: "u8);
        // One line: the serializer escapes line ends inside strings and indents nothing.
        body.Write(JsonSerializer.SerializeToUtf8Bytes(view, WebJson.Default.JobView));
        body.Write("\n\n"u8);
        await body.FlushAsync(cancellationToken);
    }

    private static JobViews Views(HttpContext context) => context.RequestServices.GetRequiredService<JobViews>();
}
