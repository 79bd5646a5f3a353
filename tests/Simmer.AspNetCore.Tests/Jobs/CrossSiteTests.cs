using System.Net;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>A form on a page of another site cannot cancel a job with the cookies of the user who looks at it.</summary>
public sealed class CrossSiteTests
{
    public static TheoryData<string, string, bool> Requests => new()
    {
        { "no browser", "", true },
        { "same origin", "Sec-Fetch-Site: same-origin", true },
        { "typed by hand", "Sec-Fetch-Site: none", true },
        { "cross-site form", "Sec-Fetch-Site: cross-site|Origin: https://evil.example", false },
        { "cross-site without a referrer", "Sec-Fetch-Site: cross-site|Origin: null", false },
        { "another host of the site", "Sec-Fetch-Site: same-site", false },
        { "older browser, other site", "Origin: https://evil.example", false },
        { "older browser, sandboxed", "Origin: null", false },
        { "older browser, same host", "Origin: {own}", true },
        { "older browser, another port", "Origin: http://127.0.0.1:1", false },
        { "a host that begins the same", "Origin: {own}.evil.example", false },
        { "a trusted page", "Sec-Fetch-Site: cross-site|Origin: https://shop.example", true },
        { "a token that no form can send", "Sec-Fetch-Site: cross-site|Origin: https://evil.example|Authorization: Bearer abc", true },
        { "a password that a browser adds by itself",
            "Sec-Fetch-Site: cross-site|Origin: https://evil.example|Authorization: Basic YTpi", false },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_changes_something_is_taken_from_the_own_site_only(string what, string headers, bool taken)
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp
            .StartAsync(script, static app => app.MapJobs("/jobs", static o => o.TrustedOrigins.Add("https://shop.example")));
        var jobs = app.Services.GetRequiredService<IJobClient>();
        _ = await app.EnqueueAsync("running");
        await script.Started.Soon();

        foreach (var (method, path) in new[] { (HttpMethod.Post, "{0}/cancel"), (HttpMethod.Delete, "{0}"),
            (HttpMethod.Post, "workflows/{1}/cancel") })
        {
            var handle = await app.EnqueueAsync("waits");
            var flow = await app.EnqueueAsync(Chain.Of(new Chore()).Then(new Chore()));
            using var request = new HttpRequestMessage(method,
                "/jobs/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, path, handle.Id, flow.Id));
            foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
            {
                var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 2)..]
                    .Replace("{own}", app.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
                request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            }

            request.Content = method == HttpMethod.Post ? new FormUrlEncodedContent([]) : null;
            using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

            response.StatusCode.ShouldBe(taken ? HttpStatusCode.OK : HttpStatusCode.Forbidden, what);
            var cancelled = path.Contains("{1}", StringComparison.Ordinal)
                ? (await jobs.GetAsync(flow.Id, TestContext.Current.CancellationToken))!.State == WorkflowState.Cancelled
                : (await jobs.GetAsync(handle.Id, TestContext.Current.CancellationToken))!.State == JobState.Cancelled;
            cancelled.ShouldBe(taken, what);
            if (!taken)
            {
                response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            }
        }

        script.GoOn.Open();
    }

    [Fact]
    public async Task Reading_is_nobody_elses_to_forbid()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var handle = await app.EnqueueAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/jobs/{handle.Id}");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
