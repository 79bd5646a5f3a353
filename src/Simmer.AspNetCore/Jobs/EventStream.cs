using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simmer.AspNetCore.Jobs;

/// <summary>The snapshots of a job or a workflow as server-sent events (WHATWG HTML, 9.2), written by hand: the framework's own result
/// cannot write comments, and sends its headers only with the first event. An event's id is the snapshot's version; <c>state</c> is a
/// change, <c>end</c> the last.</summary>
internal abstract class EventStream<TId, TRecord, TView>(RecordEndpoints<TId, TRecord> endpoints)
    where TId : struct, IParsable<TId>
    where TRecord : class
{
    /// <summary>Proxies close connections that are silent for longer, commonly after 30 to 60 seconds.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>How long at least lies between two snapshots; what changes meanwhile is in the next one.</summary>
    protected virtual TimeSpan Pause => TimeSpan.Zero;

    protected abstract JsonTypeInfo<TView> Json { get; }

    public Task ServeAsync(HttpContext context) => endpoints.ForAsync(context, async asked =>
    {
        var seen = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : -1;
        if (IsFinal(asked.Record) && VersionOf(asked.Record) == seen)
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
            await FollowAsync(asked, Watch(asked, seen, ends.Token), ends);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The client left, or this process stops: the client comes back with the last id it saw.
        }
    });

    protected abstract bool IsFinal(TRecord record);

    protected abstract long VersionOf(TRecord record);

    protected abstract IAsyncEnumerable<TRecord> Watch(Asked<TId, TRecord> asked, long seen, CancellationToken cancellationToken);

    protected abstract ValueTask<TView> ViewAsync(Asked<TId, TRecord> asked, CancellationToken cancellationToken);

    /// <summary>What is shown of something that is not known any more.</summary>
    protected abstract TView Gone(Asked<TId, TRecord> asked);

    private static async Task StartAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // The client learns at once that it is connected, however long there is nothing to say.
        context.Response.BodyWriter.Write("retry: 2000\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private async Task FollowAsync(Asked<TId, TRecord> asked, IAsyncEnumerable<TRecord> snapshots, CancellationTokenSource ends)
    {
        var context = asked.Context;
        var time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        using var timer = new PeriodicTimer(KeepAlive, time);
        await using var enumerator = snapshots.GetAsyncEnumerator(ends.Token);
        var next = enumerator.MoveNextAsync().AsTask();
        var tick = timer.WaitForNextTickAsync(ends.Token).AsTask();
        try
        {
            var ended = false;
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
                    var record = enumerator.Current;
                    ended = IsFinal(record);
                    await WriteAsync(context, await ViewAsync(asked with { Record = record }, ends.Token), VersionOf(record), ended,
                        ends.Token);
                    next = MoveOnAsync(enumerator, ended ? TimeSpan.Zero : Pause, time, ends.Token);
                }
                else
                {
                    break;
                }
            }

            if (!ended)
            {
                // It is gone: pruned while we looked.
                await WriteAsync(context, Gone(asked), null, isEnd: true, ends.Token);
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

    // The pause comes before the look, so that the newest is shown after it.
    private static async Task<bool> MoveOnAsync(IAsyncEnumerator<TRecord> snapshots, TimeSpan pause, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, cancellationToken);
        }

        return await snapshots.MoveNextAsync();
    }

    private static async Task SayAliveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.BodyWriter.Write(": still here\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(HttpContext context, TView view, long? version, bool isEnd, CancellationToken cancellationToken)
    {
        var body = context.Response.BodyWriter;
        body.Write(isEnd ? "event: end\n"u8 : "event: state\n"u8);
        if (version is not null)
        {
            body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {version}\n")));
        }

        body.Write("data: "u8);
        // One line: the serializer escapes line ends inside strings and indents nothing.
        body.Write(JsonSerializer.SerializeToUtf8Bytes(view, Json));
        body.Write("\n\n"u8);
        await body.FlushAsync(cancellationToken);
    }
}
