using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using Simmer.AspNetCore.Tests.Jobs;
using Simmer.Servers;
using Simmer.Tests.Engine;

namespace Simmer.AspNetCore.Tests.Overload;

/// <summary>503 with Retry-After and problem details when the store is busy or away, whatever stands between the endpoint and the client, and within the time limit of an enqueue.</summary>
public sealed class StoreAwayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain")]
    [InlineData("handler")]
    [InlineData("custom handler")]
    [InlineData("problem details")]
    [InlineData("developer page")]
    public async Task An_endpoint_that_enqueues_is_answered_503(string way)
    {
        var store = new ShakyStore();
        await using var app = await StartAsync(s => s.UseStore("shaky", _ => store), way);
        store.IsAway = true;

        foreach (var path in new[] { "/chore", "/many", "/flow/it" })
        {
            var body = await Is503Async(app, HttpMethod.Post, path);
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
        await using var app = await StartAsync(s => s.UseStore("shaky", _ => store).Configure(static o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(200)));
        await app.Services.GetRequiredService<Simmer.Hosting.SimmerNode>().Durable!.Commit.WhenIdle();

        // It hangs: nothing but the time limit ends the wait.
        store.Hold();
        foreach (var path in new[] { "/chore", "/chore" })
        {
            _ = await Is503Async(app, HttpMethod.Post, path);
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

    [Fact]
    public async Task A_file_that_is_locked_by_another_is_a_503_until_it_is_free()
    {
        var folder = Directory.CreateTempSubdirectory("simmer");
        var text = $"Data Source={Path.Combine(folder.FullName, "jobs.db")};Pooling=False";
        await using (var app = await StartAsync(s => s.UseSqlite(text, static o => o.LockTimeout = TimeSpan.FromMilliseconds(100))))
        {
            var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");
            await using var other = new SqliteConnection(text);
            await other.OpenAsync(Token);
            await using (other.BeginTransaction())
            {
                (await Is503Async(app, HttpMethod.Post, "/chore")).Text("detail").ShouldContain("asked of it last was not done");
                _ = await Is503Async(app, HttpMethod.Post, $"/jobs/{id}/cancel");
                (await app.GetAsync($"/jobs/{id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK, "readers are not held up");
            }

            (await app.PostAsync("/chore")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_server_that_stops_under_the_application_is_a_503_and_nothing_that_may_be_stored_is_told_as_refused()
    {
        await using var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
        await using var proxy = TcpProxy.Before(server.ConnectionString);
        var text = new NpgsqlConnectionStringBuilder(proxy.Through(server.ConnectionString)) { Timeout = 2 }.ConnectionString;
        await using var app = await StartAsync(s => s.UsePostgres(text).Configure(static o => o.EnqueueTimeout = TimeSpan.FromSeconds(1)));
        var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");

        // The request reaches the server, its answer reaches nobody, and then there is no server any more.
        proxy.Stall(Ways.ToClient);
        var sent = app.PostAsync("/chore");
        await server.StopAsync(StopMode.Immediate);
        proxy.Cut();
        (await sent).Response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        var told = app.Log.Lines.First(static l => l.EventId == 2002).Exception!;
        told.ToString().ShouldNotContain("othing was written");
        told.ToString().ShouldNotContain("othing of it was");
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/chore"), (HttpMethod.Post, "/many"), (HttpMethod.Get, $"/jobs/{id}"), (HttpMethod.Get, $"/jobs/{id}/result"), (HttpMethod.Post, $"/jobs/{id}/cancel") })
        {
            _ = await Is503Async(app, method, path);
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
        await using var app = await StartAsync(s => s.UsePostgres(proxy.Through(database)).Configure(static o => o.EnqueueTimeout = TimeSpan.FromMilliseconds(500)));
        var id = (await app.PostAsync("/chore", "wait=20")).Body.Text("id");
        proxy.Stall();

        foreach (var (method, path) in new[] { (HttpMethod.Post, "/chore"), (HttpMethod.Post, "/chore"), (HttpMethod.Get, $"/jobs/{id}"), (HttpMethod.Post, $"/jobs/{id}/cancel") })
        {
            // The client gives up after 30 seconds; the store's own time limit for a statement is as long.
            _ = await Is503Async(app, method, path);
        }

        proxy.Heal();
    }

    private static async Task<JsonElement> Is503Async(TestApp app, HttpMethod method, string path)
    {
        var (response, body) = await app.SendAsync(method, path);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, path);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        body.GetProperty("status").GetInt32().ShouldBe(503);
        return body;
    }

    private static Task<TestApp> StartAsync(Action<SimmerBuilder> simmer, string way = "plain") => TestApp.StartAsync(
        app =>
        {
            switch (way)
            {
                case "handler":
                    app.UseExceptionHandler(static handler => handler.Run(static context => context.Response.WriteAsync("oops")));
                    break;
                case "custom handler" or "problem details":
                    app.UseExceptionHandler();
                    break;
                case "developer page":
                    app.UseDeveloperExceptionPage();
                    break;
            }

            app.MapJobs("/jobs");
            WorkApp.MapEnqueue(app);
            app.MapPost("/many", static async (IJobClient jobs) => (await jobs.EnqueueManyAsync([new Chore(), new Chore()])).Count);
        },
        s =>
        {
            _ = s.AddJob(static (Work _, CancellationToken _) => Task.FromResult(new Done("it", 42))).AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask);
            simmer(s);
        },
        builder =>
        {
            if (way == "custom handler")
            {
                builder.Services.AddExceptionHandler<EverythingIs500>();
            }

            if (way is "problem details" or "custom handler")
            {
                builder.Services.AddProblemDetails();
            }
        });

    private sealed class EverythingIs500 : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            httpContext.Response.StatusCode = 500;
            await httpContext.Response.WriteAsync("the user's own", cancellationToken);
            return true;
        }
    }
}
