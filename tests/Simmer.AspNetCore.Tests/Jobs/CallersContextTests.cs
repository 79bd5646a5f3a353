using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Simmer.Tests.Callers;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>A server or a middleware may call the endpoints in a context of its own.</summary>
public sealed class CallersContextTests
{
    [Theory]
    [MemberData(nameof(Caller.Grounds), MemberType = typeof(Caller))]
    public async Task Every_endpoint_and_answer_may_be_waited_for_where_it_is_called(string ground)
    {
        await using var app = await WorkApp.StartAsync(new Script(), configure: static b => b.Services.AddHealthChecks().AddSimmer());
        var handle = await app.EnqueueAsync();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        var workflow = await app.EnqueueAsync(Chain.Of(new Chore()));
        await workflow.WaitAsync(TestContext.Current.CancellationToken);
        using var caller = new Caller(ground);
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.RawText!.StartsWith("/jobs", StringComparison.Ordinal)).ToList();
        endpoints.Count.ShouldBe(8);

        foreach (var endpoint in endpoints)
        {
            var id = endpoint.RoutePattern.RawText!.Contains("workflows", StringComparison.Ordinal)
                ? workflow.Id.ToString()
                : handle.Id.ToString();
            await caller.DoAsync(() => Serve(endpoint.RequestDelegate!, id), endpoint.DisplayName!);
        }

        await caller.DoAsync(() => Serve(JobResults.Accepted(handle).ExecuteAsync), "Accepted");
        await caller.DoAsync(() => Serve(JobResults.Accepted(workflow).ExecuteAsync), "Accepted");
        var health = app.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Single();
        var check = health.Factory(app.Services);
        await caller.DoAsync(() => check.CheckHealthAsync(new HealthCheckContext { Registration = health }).GetAwaiter().GetResult().Status
            .ShouldBe(HealthStatus.Healthy), "the health check");
        (await app.GetAsync($"/jobs/{handle.Id}")).Body.Text("state").ShouldBe("succeeded");

        void Serve(RequestDelegate answer, string? id = null)
        {
            using var scope = app.Services.CreateScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.RouteValues["id"] = id;
            context.Request.Headers["Prefer"] = "wait=5";
            answer(context).GetAwaiter().GetResult();
            context.Response.StatusCode.ShouldBeOneOf(200, 202, 204, 409);
        }
    }
}
