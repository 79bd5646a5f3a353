using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class CompareTests(RunningShop running)
{
    private const int Times = 5;

    [Fact]
    public async Task TheThreeWaysAreTimedAndAllMailsGoOut()
    {
        var run = Guid.NewGuid();
        foreach (var way in (string[])["inline", "after-response", "durable"])
        {
            for (var time = 0; time < Times; time++)
            {
                using var response = await running.Shop.Http
                    .PostAsync($"/compare/{way}?run={run}", null, TestContext.Current.CancellationToken);
                response.IsSuccessStatusCode.ShouldBeTrue();
            }
        }

        var ways = await Eventually.GetAsync("every mail is sent", async () =>
            await SummaryAsync(run) is var summary && summary.Values.All(way => way.Sent == Times) ? summary : null);

        ways.Keys.ShouldBe(["inline", "after-response", "durable"]);
        ways.Values.ShouldAllBe(way => way.Requests == Times);
        // The gateway takes 400 ms.
        ways["inline"].Median.ShouldBeGreaterThan(390);
        ways["after-response"].Median.ShouldBeLessThan(ways["inline"].Median / 2);
        ways["durable"].Median.ShouldBeLessThan(ways["inline"].Median / 2);
    }

    private async Task<Dictionary<string, (int Requests, double Median, long Sent)>> SummaryAsync(Guid run)
    {
        var summary = await running.Shop.Http.GetFromJsonAsync<JsonElement>($"/compare/{run}", TestContext.Current.CancellationToken);
        return summary.GetProperty("ways").EnumerateArray().ToDictionary(
            way => way.GetProperty("way").GetString()!,
            way => (way.GetProperty("requests").GetInt32(), way.GetProperty("medianMilliseconds").GetDouble(),
                way.GetProperty("sent").GetInt64()));
    }
}
