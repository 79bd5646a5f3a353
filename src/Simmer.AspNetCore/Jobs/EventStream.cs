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

/// <summary>Sends the snapshots of a job or workflow as server-sent events (WHATWG HTML, 9.2). It writes them itself, because the
/// framework's own result cannot write comments, and sends its headers only with the first event. The id of an event is the version of the
/// snapshot; <c>state</c> is a change, <c>end</c> the last one.</summary>
internal abstract class EventStream<TId, TRecord, TView>(RecordEndpoints<TId, TRecord> endpoints)
    where TId : struct, IParsable<TId>
    where TRecord : class
{
    /// <summary>The longest silence; then a comment is sent. Proxies close connections that are silent for longer, commonly after 30 to 60
    /// seconds.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>The least time between two snapshots. Changes in between are in the next one.</summary>
    protected virtual TimeSpan Pause => TimeSpan.Zero;

    protected abstract JsonTypeInfo<TView> Json { get; }

    public Task ServeAsync(HttpContext context) => endpoints.ForAsync(context, async asked =>
    {
        var seen = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : -1;
        if (IsFinal(asked.Record) && VersionOf(asked.Record) == seen)
        {
            // The client has had the last event. After a 204 an event source does not connect again; after the end of a stream it would.
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
            // The client has left, or this process stops; then the client connects again with the last id that it saw.
        }
    });

    protected abstract bool IsFinal(TRecord record);

    protected abstract long VersionOf(TRecord record);

    protected abstract IAsyncEnumerable<TRecord> Watch(Asked<TId, TRecord> asked, long seen, CancellationToken cancellationToken);

    protected abstract ValueTask<TView> ViewAsync(Asked<TId, TRecord> asked, CancellationToken cancellationToken);

    /// <summary>What is shown of a job or workflow that is not known any more.</summary>
    protected abstract TView Gone(Asked<TId, TRecord> asked);

    private static async Task StartAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // Sent at once, so that the client knows that it is connected even if nothing happens for long.
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
                // The job or workflow was pruned while it was watched.
                await WriteAsync(context, Gone(asked), null, isEnd: true, ends.Token);
            }
        }
        finally
        {
            // An enumerator may be disposed of only while no call on it is under way, so the pending ones are ended and awaited first.
            ends.Cancel();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)tick).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The pause comes before the read, so that the newest snapshot is shown after it.
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
        // The JSON is one line, as an event needs: the serializer escapes line ends in strings and does not indent.
        body.Write(JsonSerializer.SerializeToUtf8Bytes(view, Json));
        body.Write("\n\n"u8);
        await body.FlushAsync(cancellationToken);
    }
}
