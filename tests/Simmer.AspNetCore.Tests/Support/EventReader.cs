using System.Net;
using System.Text.Json;

namespace Simmer.AspNetCore.Tests.Support;

/// <summary>A server-sent event.</summary>
internal sealed record Event(string Type, long Id, JsonElement Data);

/// <summary>A client of a stream of events.</summary>
internal sealed class EventReader(HttpResponseMessage response, StreamReader lines) : IDisposable
{
    public int Count { get; private set; }

    public static HttpRequestMessage Request(string path, long? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } last)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", $"{last}");
        }

        return request;
    }

    public static async Task<EventReader> OpenAsync(TestApp app, string path, long? lastEventId = null)
    {
        using var request = Request(path, lastEventId);
        var response = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("retry: 2000");
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        return new EventReader(response, lines);
    }

    public async Task<Event> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The stream has ended.");

    public async Task<Event> LastAsync()
    {
        Event? last = null;
        while (await TryNextAsync() is { } next)
        {
            last = next;
        }

        return last.ShouldNotBeNull();
    }

    public async Task<string> CommentAsync()
    {
        var last = string.Empty;
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith(':'))
            {
                return line;
            }

            last = line.Length > 0 ? line : last;
        }

        throw new InvalidOperationException($"The stream has ended without a comment; it last said: {last}");
    }

    public async Task ToEndAsync()
    {
        while (await LineAsync() is not null)
        {
        }
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }

    private async Task<Event?> TryNextAsync()
    {
        var fields = new Dictionary<string, string>();
        while (await LineAsync() is { } line)
        {
            if (line.Length == 0 && fields.Count > 0)
            {
                Count++;
                return new Event(fields["event"], long.Parse(fields.GetValueOrDefault("id", "-1")),
                    JsonDocument.Parse(fields["data"]).RootElement);
            }

            if (line.Split(": ", 2) is [{ Length: > 0 } name, var value])
            {
                fields[name] = value;
            }
        }

        return null;
    }

    private Task<string?> LineAsync() => lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Soon();
}
