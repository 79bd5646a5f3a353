using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Storefront.Tests.App;

/// <summary>The requests of tests about rides.</summary>
public static class RideCalls
{
    /// <summary>Asks for a ride.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> RequestRideAsync(this Shop shop, string from = "Basil & 4", string to = "Nutmeg & 12")
    {
        var workflow = await shop
            .AcceptedAsync(await shop.Http.PostAsJsonAsync("/rides", new { from, to }, TestContext.Current.CancellationToken));
        return workflow.IdOf();
    }

    public static async Task<JsonElement> RideAsync(this Shop shop, string id) =>
        (await shop.Http.GetFromJsonAsync<JsonElement>($"/rides/{id}", TestContext.Current.CancellationToken)).GetProperty("ride");

    /// <summary>Waits until a ride is in one of these states.</summary>
    public static async Task<JsonElement> RideAsync(this Shop shop, string id, params string[] states)
    {
        JsonElement last = default;
        await Eventually.TrueAsync($"ride {id} is {string.Join(" or ", states)}", async () =>
        {
            last = await shop.RideAsync(id);
            return states.Contains(last.State());
        });
        return last;
    }

    /// <summary>A workflow, when its last step has ended.</summary>
    public static Task<JsonElement> EndedRideAsync(this Shop shop, string id) =>
        shop.FinishedAsync(new Uri(shop.Address, $"/jobs/workflows/{id}"));

    public static string StateOf(this JsonElement workflow, string step) =>
        workflow.GetProperty("steps").EnumerateArray().Single(one => one.GetProperty("name").GetString() == step).GetProperty("state")
            .GetString()!;

    public static Task CancelRideAsync(this Shop shop, string id) => shop.PostAsync($"/jobs/workflows/{id}/cancel");

    public static Task<long> BusyDriversAsync(this Shop shop) =>
        shop.QueryAsync<long>("SELECT count(*) FROM drivers WHERE ride IS NOT NULL");

    /// <summary>The server-sent events of a ride, until it is over or the test stops reading.</summary>
    public static async IAsyncEnumerable<(string Event, long Id, JsonElement Ride)> PositionsAsync(
        this Shop shop, string id, long? lastEventId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/rides/{id}/positions");
        if (lastEventId is { } last)
        {
            request.Headers.Add("Last-Event-ID", last.ToString());
        }

        using var response = await shop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var fields = new Dictionary<string, string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                fields[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            }
            else if (fields.Count > 0)
            {
                yield return (fields["event"], long.Parse(fields["id"]), JsonDocument.Parse(fields["data"]).RootElement);
                fields.Clear();
            }
        }
    }
}
