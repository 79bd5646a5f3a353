using System.Net;
using Microsoft.Extensions.Options;
using Npgsql;
using Simmer.AspNetCore.Tests.Jobs;
using Simmer.Servers;
using Simmer.Tests.Engine;

namespace Simmer.AspNetCore.Tests.Overload;

/// <summary>503 with Retry-After and problem details when the store is busy or away, whatever stands between the endpoint and the client,
/// and within the time limit of an enqueue.</summary>
public sealed class StoreAwayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Unavailable.Ways), MemberType = typeof(Unavailable))]
    public async Task An_endpoint_that_enqueues_is_answered_503(string way)
    {
        var store = new ShakyStore();
        await using var app = await StartAsync(s => s.UseStore("shaky", _ => store), way);
        store.IsAway = true;

        foreach (var path in new[] { "/chore", "/many", "/flow/it" })
        {
            var body = await app.Is503Async(HttpMethod.Post, path);
            body.Text("detail").ShouldContain("asked of it last was not done");
        }

        store.IsAway = false;
        (await app.PostAsync("/chore")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        app.Log.Lines.ShouldContain(static l => l.EventId == 2002 && l.Exception!.Message.Contains("The server is away."));
    }

    [Fact]
    public async Task An_outcome_that_is_not_known_is_not_told_as_refused_and_the_time_limit_holds()
    {
        var store = new ShakyStore();
        await using var app = await StartAsync(s => s.UseStore("shaky", _ => store)
            .Configure(static o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(200)));
        await app.Services.GetRequiredService<Simmer.Hosting.SimmerNode>().Durable!.Flusher.WhenIdle();

        // The store hangs, so only the time limit ends the wait.
        store.Hold();
        foreach (var path in new[] { "/chore", "/chore" })
        {
            _ = await app.Is503Async(HttpMethod.Post, path);
        }

        app.Log.Lines.First(static l => l.EventId == 2002).Exception!.Message.ShouldContain("may have been, and may run");
        store.Release();
    }

    [Fact]
    public async Task A_job_that_was_stored_is_accepted_though_the_store_goes_away_while_its_client_waits()
    {
        var store = new ShakyStore();
        await using var app = await StartAsync(s => s.UseStore("shaky", _ => store));
        store.Reads.IsAway = true;

        (await app.PostAsync("/chore", "wait=10")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await app.PostAsync("/flow/it", "wait=10")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("away")]
    [InlineData("hangs")]
    public async Task A_workflow_that_was_there_before_is_accepted_though_the_store_is_away_when_it_is_asked_who_may_see_it(string how)
    {
        var store = new ShakyStore();
        var asked = 0;
        await using var app = await StartAsync(
            s => s.UseStore("shaky", _ => store),
            jobs: o => o.Authorize = (_, _) =>
            {
                asked++;
                return new(true);
            });
        var path = $"/once/{Guid.CreateVersion7()}";
        (await app.PostAsync(path, "wait=20")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.PostAsync(path, "wait=20")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        asked.ShouldBe(1, "the first step speaks for a workflow that was there before");

        // The end of the workflow is known; its first step cannot be read.
        var gate = new Gate();
        store.Reads.BeforeGet.Enqueue(() => how == "hangs"
            ? gate.Opened()
            : throw new StoreException("The server is away.", isTransient: true));
        app.Services.GetRequiredService<IOptions<SimmerOptions>>().Value.EnqueueTimeout = how == "hangs"
            ? TimeSpan.FromSeconds(1)
            : TimeSpan.FromSeconds(10);
        var (response, body) = await app.PostAsync(path, "wait=20");

        (response.StatusCode, body.GetProperty("duplicate").GetBoolean(), asked).ShouldBe((HttpStatusCode.Accepted, true, 1));
        gate.Open();
    }

    [Theory]
    [InlineData("jobs/{0}")]
    [InlineData("jobs/workflows/{1}")]
    [InlineData("jobs/{0}/cancel")]
    public async Task An_applications_own_check_that_is_slow_or_gives_up_is_not_taken_for_the_store(string path)
    {
        var limit = TimeSpan.FromMilliseconds(20);
        var isSlow = true;
        SimmerOptions? options = null;
        await using var app = await StartAsync(s => s.UseStore("shaky", static _ => new ShakyStore()), "plain",
            o => o.Authorize = async (_, _) =>
        {
            // The time that this takes is none in which a request waits for the store.
            var usual = options!.EnqueueTimeout;
            options.EnqueueTimeout = limit;
            await Task.Delay(isSlow ? limit * 5 : limit / 20, Token);
            options.EnqueueTimeout = usual;
            return isSlow ? true : throw new TimeoutException("The directory of users has not answered.");
        });
        options = app.Services.GetRequiredService<IOptions<SimmerOptions>>().Value;
        var flow = (await app.PostAsync("/flow/it", "wait=20")).Body.Text("id");
        var url = "/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, path, WorkflowId.Parse(flow, null).Step(1), flow);
        var method = path.EndsWith("cancel", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get;

        (await app.SendAsync(method, url)).Response.StatusCode
            .ShouldBe(method == HttpMethod.Get ? HttpStatusCode.OK : HttpStatusCode.Conflict);
        isSlow = false;
        (await app.Http.SendAsync(new HttpRequestMessage(method, url), Token)).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task A_file_that_is_locked_by_another_is_a_503_until_it_is_free()
    {
        await using var file = new JobsFile();
        await using var app = await StartAsync(s => s.UseSqlite(file.Text, static o => o.LockTimeout = TimeSpan.FromMilliseconds(100)));
        var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");
        await using var other = await file.OpenAsync();
        await using (other.BeginTransaction())
        {
            (await app.Is503Async(HttpMethod.Post, "/chore")).Text("detail").ShouldContain("asked of it last was not done");
            _ = await app.Is503Async(HttpMethod.Post, $"/jobs/{id}/cancel");
            (await app.GetAsync($"/jobs/{id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK, "readers are not held up");
        }

        (await app.PostAsync("/chore")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_server_that_stops_under_the_application_is_a_503_and_nothing_that_may_be_stored_is_told_as_refused()
    {
        await using var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
        await using var proxy = TcpProxy.Before(server.ConnectionString);
        var text = new NpgsqlConnectionStringBuilder(proxy.Through(server.ConnectionString)) { Timeout = 2 }.ConnectionString;
        await using var app = await StartAsync(s => s.UsePostgres(text).Configure(static o => o.EnqueueTimeout = TimeSpan.FromSeconds(1)));
        var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");

        // The request reaches the database server, its answer is lost, and then the server is stopped.
        proxy.Stall(Ways.ToClient);
        var sent = app.PostAsync("/chore");
        await server.StopAsync(StopMode.Immediate);
        proxy.Cut();
        (await sent).Response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        var told = app.Log.Lines.First(static l => l.EventId == 2002).Exception!;
        told.ToString().ShouldNotContain("othing was written");
        told.ToString().ShouldNotContain("othing of it was");
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/chore"), (HttpMethod.Post, "/many"), (HttpMethod.Get, $"/jobs/{id}"),
            (HttpMethod.Get, $"/jobs/{id}/result"), (HttpMethod.Post, $"/jobs/{id}/cancel") })
        {
            _ = await app.Is503Async(method, path);
        }

        await server.StartAsync();
        proxy.Heal();
        var tries = 0;
        while ((await app.PostAsync("/chore", "wait=20")).Response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            (++tries).ShouldBeLessThan(60, "it goes on when the server is back");
        }
    }

    [Fact]
    public async Task A_server_that_hangs_keeps_no_request_beyond_the_time_limit()
    {
        var database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        await using var proxy = TcpProxy.Before(database);
        await using var app = await StartAsync(s => s.UsePostgres(proxy.Through(database))
            .Configure(static o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(500)));
        var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");
        proxy.Stall();

        foreach (var (method, path) in new[] { (HttpMethod.Post, "/chore"), (HttpMethod.Post, "/chore"), (HttpMethod.Get, $"/jobs/{id}"),
            (HttpMethod.Post, $"/jobs/{id}/cancel") })
        {
            // The client gives up after 30 seconds; the store's own time limit for a statement is as long.
            _ = await app.Is503Async(method, path);
        }

        proxy.Heal();
    }

    private static Task<TestApp> StartAsync(Action<SimmerBuilder> simmer, string way = "plain", Action<JobsEndpointOptions>? jobs = null) =>
        TestApp.StartAsync(
        app =>
        {
            Unavailable.Use(app, way);
            app.MapJobs("/jobs", jobs);
            WorkApp.MapEnqueue(app);
            app.MapPost("/many", static async (IJobClient jobs) => (await jobs.EnqueueManyAsync([new Chore(), new Chore()])).Count);
            app.MapPost("/once/{id}", static async (Guid id, IJobClient jobs) => JobResults
                .Accepted(await jobs.EnqueueAsync(Chain.Of(new Chore()), new WorkflowOptions { Id = WorkflowId.OfStep(new JobId(id)) })));
        },
        s =>
        {
            _ = s.AddJob(static (Work _, CancellationToken _) => Task.FromResult(new Done("it", 42)))
                .AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask);
            simmer(s);
        },
        builder => Unavailable.Use(builder, way));
}
