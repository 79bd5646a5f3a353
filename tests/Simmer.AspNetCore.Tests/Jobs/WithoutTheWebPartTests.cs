using Microsoft.AspNetCore.Hosting;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>A web application that called <c>AddSimmerCore</c>.</summary>
public sealed class WithoutTheWebPartTests
{
    [Fact]
    public async Task An_accepted_job_or_workflow_says_which_call_is_missing()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSimmerCore().AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask);
        await using var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        var jobs = app.Services.GetRequiredService<IJobClient>();
        var context = new DefaultHttpContext { RequestServices = app.Services };

        var job = JobResults.Accepted(await jobs.EnqueueAsync(new Chore(), cancellationToken: TestContext.Current.CancellationToken));
        var workflow = JobResults
            .Accepted(await jobs.EnqueueAsync(Chain.Of(new Chore()), cancellationToken: TestContext.Current.CancellationToken));

        foreach (var result in new IResult[] { job, workflow })
        {
            (await Should.ThrowAsync<InvalidOperationException>(() => result.ExecuteAsync(context))).Message
                .ShouldContain("Call builder.Services.AddSimmer() in its place");
        }
    }
}
