using Microsoft.AspNetCore.Mvc;

namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>One BackgroundTasks for everything that serves one request.</summary>
public sealed class SameObjectTests
{
    [Fact]
    public async Task Endpoint_filter_and_deeper_services_share_it()
    {
        var order = new List<string>();
        var done = new Gate();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", (BackgroundTasks tasks, Deeper deeper) =>
                {
                    tasks.Add(() => order.Add("endpoint"));
                    deeper.Tasks.ShouldBeSameAs(tasks);
                    deeper.Tasks.Add(() => order.Add("deeper"));
                    return "ok";
                })
                .AddEndpointFilter(async (context, next) =>
                {
                    var tasks = context.HttpContext.RequestServices.GetRequiredService<BackgroundTasks>();
                    tasks.Add(() => order.Add("filter before"));
                    var result = await next(context);
                    tasks.Add(() => order.Add("filter after"));
                    tasks.Add(done.Open);
                    return result;
                }),
            configure: static b => b.Services.AddScoped<Deeper>());
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Body.ShouldBe("ok");
        await done.Soon();
        order.ShouldBe(["filter before", "endpoint", "deeper", "filter after"]);
    }

    [Fact]
    public async Task A_controller_gets_it_in_its_constructor()
    {
        var done = new Gate();
        await using var app = await TestApp.StartAsync(
            static app => app.MapControllers(),
            configure: b =>
            {
                b.Services.AddControllers().AddApplicationPart(typeof(MailController).Assembly);
                b.Services.AddScoped<Deeper>().AddSingleton(done);
            });
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/mail")).Body.ShouldBe("2");
        await done.Soon();
    }

    [Fact]
    public async Task Two_requests_on_one_connection_never_share_it()
    {
        var seen = new List<BackgroundTasks>();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (BackgroundTasks tasks) => seen.Add(tasks)));
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await client.GetAsync("/");
        seen.Distinct().Count().ShouldBe(2);
    }

    internal sealed class Deeper(BackgroundTasks tasks)
    {
        public BackgroundTasks Tasks => tasks;
    }
}

/// <summary>Found by MVC.</summary>
[Route("mail")]
public sealed class MailController : ControllerBase
{
    private readonly BackgroundTasks _tasks;

    /// <summary>Made for each request.</summary>
    public MailController(BackgroundTasks tasks) => _tasks = tasks;

    /// <summary>Adds two tasks.</summary>
    [HttpGet]
    public int Get([FromServices] IServiceProvider services)
    {
        services.GetRequiredService<SameObjectTests.Deeper>().Tasks.Add(static () => { });
        _tasks.Add(services.GetRequiredService<Gate>().Open);
        return _tasks.Count;
    }
}
