using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Simmer.Jobs;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Anybody who knows a name knows the id that is made from it, and a repeat of a unique key would show the id of the job that
/// holds it. Both are served only once the application has decided who may see them.</summary>
public sealed class GuessableIdTests
{
    private static readonly WorkflowId s_order = WorkflowId.For("order-4711");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Decisions => ["opt-in", "Authorize", "policy", "fallback policy", "policy on the group around it"];

    private static readonly string[] s_reads =
        ["workflows/{0}", "workflows/{0}?steps=false", "workflows/{0}/events", "{1}", "{1}/result", "{1}/events", "{2}"];

    private static readonly (HttpMethod Method, string Path)[] s_writes =
        [(HttpMethod.Post, "workflows/{0}/cancel"), (HttpMethod.Post, "{2}/cancel"), (HttpMethod.Delete, "{2}")];

    [Fact]
    public async Task Without_a_decision_nothing_of_it_is_served_whether_it_exists_or_not()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"), script);
        await app.PostAsync("/order/4711");
        await script.Started.Soon();

        foreach (var (method, path) in Everything("/jobs", s_order))
        {
            var here = await app.SendAsync(method, path);
            here.Response.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            here.Body.Text("detail").ShouldContain("RequireAuthorization()");
        }

        foreach (var (method, path) in Everything("/jobs", WorkflowId.For("order-4712")))
        {
            (await app.SendAsync(method, path)).Body.Text("detail").ShouldContain("whether there is something of that id or not");
        }

        var jobs = app.Services.GetRequiredService<IJobClient>();
        (await jobs.GetAsync(s_order, Token))!.CancelRequested.ShouldBeFalse();
        script.GoOn.Open();
        (await jobs.WaitAsync(s_order, Token))!.State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task The_answer_to_an_enqueue_shows_nothing_of_what_came_of_it_and_the_log_says_why_once()
    {
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"));

        foreach (var _ in new[] { 1, 2 })
        {
            var (response, body) = await app.PostAsync("/order/4711", "wait=10");
            response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            response.Headers.Contains("Preference-Applied").ShouldBeFalse();
            body.TryGetProperty("result", out var _).ShouldBeFalse();
            (await app.GetAsync(body.GetProperty("links").Text("status"))).Body.Text("detail").ShouldContain("made from names");
        }

        app.Log.Lines.Count(static l => l.EventId == 2004 && l.Text.Contains("AllowGuessableIds", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Decisions))]
    public async Task With_a_decision_it_is_served_to_those_who_may(string decision)
    {
        await using var app = await StartDecidedAsync(decision);
        app.Http.DefaultRequestHeaders.Add("X-User", "ada");
        var (response, body) = await app.PostAsync("/order/4711", "wait=20");
        (response.StatusCode, body.Text("state")).ShouldBe((HttpStatusCode.OK, "succeeded"));

        foreach (var (method, path) in Everything("/jobs", s_order))
        {
            (await StatusAsync(app, method, path)).ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.Conflict);
        }

        app.Http.DefaultRequestHeaders.Remove("X-User");
        if (decision != "opt-in")
        {
            foreach (var (method, path) in Everything("/jobs", s_order))
            {
                (await StatusAsync(app, method, path)).ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.Unauthorized);
            }

            // A client that repeats another user's order does not get the result by waiting for it.
            var repeat = await app.PostAsync("/order/4711", "wait=20");
            repeat.Response.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [InlineData("/once")]
    [InlineData("/once-many")]
    [InlineData("/once-with-id")]
    [InlineData("/once-within")]
    public async Task Without_a_decision_a_repeat_by_a_unique_key_does_not_tell_which_job_holds_it(string path)
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var file = new JobsFile();
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"), script, file: path == "/once-within" ? file : null);
        var (first, told) = await app.PostAsync(path);
        var link = told.GetProperty("links").Text("status");
        await script.Started.Soon();

        foreach (var prefer in new[] { null, "wait=20" })
        {
            var (response, body) = await app.PostAsync(path, prefer);
            response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            response.Headers.Location.ShouldBeNull();
            response.Headers.Contains("Preference-Applied").ShouldBeFalse();
            body.EnumerateObject().Select(static p => p.Name).ShouldBe(["duplicate", "reason"]);
            body.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
            body.Text("reason").ShouldContain("RequireAuthorization()");
            body.ToString().ShouldNotContain(told.Text("id"));
        }

        app.Log.Lines.Count(l => l.EventId == 2005 && l.Text.Contains(told.Text("id"), StringComparison.Ordinal)).ShouldBe(1);

        // The client that enqueued it has its URL. When the job has ended, the next one with the key is a new job.
        first.Headers.Location!.OriginalString.ShouldBe(link);
        script.GoOn.Open();
        (await app.Services.GetRequiredService<IJobClient>().WaitAsync(JobId.Parse(told.Text("id"), null), Token))!.State
            .ShouldBe(JobState.Succeeded);
        (await app.GetAsync(link)).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.PostAsync(path)).Body.Text("id").ShouldNotBe(told.Text("id"));
    }

    [Theory]
    [MemberData(nameof(Decisions))]
    public async Task With_a_decision_a_repeat_by_a_unique_key_has_the_place_of_the_first(string decision)
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await StartDecidedAsync(decision, script);
        app.Http.DefaultRequestHeaders.Add("X-User", "ada");
        var (_, told) = await app.PostAsync("/once");
        await script.Started.Soon();

        var (again, body) = await app.PostAsync("/once");
        (again.StatusCode, body.Text("id"), body.GetProperty("duplicate").GetBoolean())
            .ShouldBe((HttpStatusCode.Accepted, told.Text("id"), true));
        (await app.GetAsync(again.Headers.Location!.OriginalString)).Body.Text("id").ShouldBe(told.Text("id"));

        // The endpoint that enqueues does not know the policy of the mapping, so its answer shows nothing of how another user's job ended.
        var waits = decision is "opt-in" or "Authorize";
        var waiting = app.PostAsync("/once", "wait=20");
        if (!waits)
        {
            (await waiting).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        script.GoOn.Open();
        (await waiting).Body.TryGetProperty("result", out _).ShouldBe(waits);
    }

    [Fact]
    public async Task A_repeat_by_a_random_id_is_told_what_it_knew()
    {
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"));
        var id = new JobId(Guid.NewGuid());

        (await app.PostAsync($"/given/{id}")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var (again, body) = await app.PostAsync($"/given/{id}", "wait=20");

        (again.StatusCode, body.GetProperty("duplicate").GetBoolean(), body.Text("id")).ShouldBe((HttpStatusCode.OK, true, id.ToString()));
        (await app.GetAsync(again.Headers.Location!.OriginalString)).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_policy_that_everybody_is_excused_from_is_no_decision()
    {
        await using var app = await StartAsync(static app => app.MapJobs("/jobs").RequireAuthorization().AllowAnonymous());
        await app.PostAsync("/order/4711");

        (await app.GetAsync($"/jobs/workflows/{s_order}")).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Random_ids_are_served_as_before()
    {
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"));
        var jobs = app.Services.GetRequiredService<IJobClient>();
        foreach (var given in new JobId?[] { null, new JobId(Guid.NewGuid()), new JobId(Guid.CreateVersion7()) })
        {
            var handle = await jobs.EnqueueAsync(new Chore(), new EnqueueOptions { Id = given }, Token);
            (await app.GetAsync($"/jobs/{handle.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var flow = await app.EnqueueAsync(Chain.Of(new Chore()).Then(new Chore()));
        (await app.GetAsync($"/jobs/workflows/{flow.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.GetAsync($"/jobs/{flow.Id.Step(2)}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.PostAsync("/chore", "wait=20")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000004711", true)]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", true)]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true)]
    [InlineData("2ed6657d-e927-568b-95e1-2665a8aea6a2", true)]
    [InlineData("5df41881-3aed-3515-88a7-2f4a814cf09e", true)]
    [InlineData("f47ac10b-58cc-4372-a567-0e02b2c3d479", false)]
    [InlineData("f47ac10b-58cc-4372-c567-0e02b2c3d479", true)]
    [InlineData("01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55", false)]
    [InlineData("f1970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55", true)]
    [InlineData("00000000-0001-7f3e-9c1b-2f6d1c0a7e55", true)]
    public void Only_what_is_random_by_RFC_9562_counts_as_random(string id, bool guessable) =>
        GuessableIds.Contains(Guid.Parse(id), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(guessable);

    [Fact]
    public async Task A_job_whose_id_is_a_hash_of_its_name_is_not_served()
    {
        await using var app = await StartAsync(static app => app.MapJobs("/jobs"));

        // A version 5 UUID (RFC 9562). Version 8 is for workflows and refused for jobs.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("order-4711"))[..16];
        (hash[6], hash[8]) = ((byte)(0x50 | (hash[6] & 0x0f)), (byte)(0x80 | (hash[8] & 0x3f)));
        var id = new JobId(new Guid(hash, bigEndian: true));
        await app.Services.GetRequiredService<IJobClient>().EnqueueAsync(new Chore(), new EnqueueOptions { Id = id }, Token);

        (await app.GetAsync($"/jobs/{id}")).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestApp app, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return response.StatusCode;
    }

    private static IEnumerable<(HttpMethod Method, string Path)> Everything(string prefix, WorkflowId id) =>
        s_reads.Select(static path => (HttpMethod.Get, path)).Concat(s_writes)
            .Select(e =>
            (e.Item1, $"{prefix}/{string.Format(System.Globalization.CultureInfo.InvariantCulture, e.Item2, id, id.Step(1), id.Step(2))}"));

    private static Task<TestApp> StartDecidedAsync(string decision, Script? script = null) => StartAsync(
        app =>
        {
            switch (decision)
            {
                case "opt-in":
                    app.MapJobs("/jobs", static o => o.AllowGuessableIds = true);
                    break;
                case "Authorize":
                    app.MapJobs("/jobs", static o => o.Authorize = static (context, _) => new(context.Request.Headers["X-User"] == "ada"));
                    break;
                case "policy":
                    app.MapJobs("/jobs").RequireAuthorization();
                    break;
                case "policy on the group around it":
                    app.MapGroup("").RequireAuthorization().MapJobs("/jobs");
                    break;
                default:
                    app.MapJobs("/jobs");
                    break;
            }
        },
        script,
        fallback: decision == "fallback policy");

    private static void MapOnce(WebApplication app, JobsFile? file)
    {
        var options = new EnqueueOptions { UniqueKey = "ada@example.com" };
        app.MapPost("/once", async (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Work("it"), options)));
        app.MapPost("/once-many", async (IJobClient jobs) => JobResults
            .Accepted((await jobs.EnqueueManyAsync([(new Chore(), null), (new Work("it"), options)]))[1]));
        app.MapPost("/once-with-id", async (IJobClient jobs) => JobResults
            .Accepted(await jobs.EnqueueAsync(new Work("it"), options with { Id = new JobId(Guid.NewGuid()) })));
        app.MapPost("/once-within", async (IJobClient jobs) =>
        {
            await using var connection = await file!.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var handle = await jobs.Within(transaction).EnqueueAsync(new Work("it"), options);
            await transaction.CommitAsync();
            return JobResults.Accepted(handle);
        });
        app.MapPost("/given/{id}", static async (Guid id, IJobClient jobs) => JobResults
            .Accepted(await jobs.EnqueueAsync(new Work("it"), new EnqueueOptions { Id = new JobId(id) })));
    }

    private static Task<TestApp> StartAsync(Action<WebApplication> map, Script? script = null, bool fallback = false,
        JobsFile? file = null) => WorkApp.StartAsync(
        script ?? new Script(),
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            map(app);
            WorkApp.MapEnqueue(app);
            MapOnce(app, file);
            app.MapPost("/order/{number}", static async (string number, IJobClient jobs) =>
                JobResults.Accepted(await jobs
                    .EnqueueAsync(Chain.Of(new Chore()).Then(new Work(number)),
                    new WorkflowOptions { Id = WorkflowId.For($"order-{number}") })));
        },
        builder =>
        {
            builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderScheme>("header", null);
            if (file is not null)
            {
                _ = builder.Services.AddSimmer().UseSqlite(file.Text);
            }

            builder.Services.AddAuthorization(o => o.FallbackPolicy = fallback
                ? new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()
                : null);
        });

    /// <summary>An authentication scheme that believes the name in a header.</summary>
    private sealed class HeaderScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger,
        System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
            Task.FromResult(Request.Headers["X-User"].ToString() is { Length: > 0 } user
            ? AuthenticateResult
                .Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "header")),
                "header"))
            : AuthenticateResult.NoResult());
    }
}
