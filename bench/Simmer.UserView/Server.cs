using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Simmer.UserView;

[Job("send-mail", Queue = "mail")]
public sealed record SendMail(string To) : IJob;

/// <summary>The endpoints under comparison, on real Kestrel.</summary>
internal static class Server
{
    public const string Ready = "listening on ";

    private static readonly TimeSpan s_mail = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-view").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<Mailer>();
        builder.Services.AddSimmer()
            .UseSqlite($"Data Source={Path.Combine(folder, "view.db")}")
            // Enough concurrency for what the callers add meanwhile: the answers are measured, not the sending of mails.
            .AddQueue("mail", static q => q.Concurrency = 2_000)
            .AddQueue(Blocks.Shared, static q => q.Concurrency = Blocks.Slots)
            .AddQueue(Blocks.Dedicated, static q => (q.Concurrency, q.Threads) = (Blocks.Slots, QueueThreads.Dedicated))
            .AddQueue("after-response", static q => (q.Concurrency, q.Capacity) = (5_000, 1_000_000))
            .AddJob(static (Block _, CancellationToken cancellationToken) => Blocks.Run(cancellationToken),
                static o => o.Queue = Blocks.Shared)
            .AddJob(static (SendMail job, Mailer mailer, CancellationToken cancellationToken) => mailer
                .SendAsync(job.To, cancellationToken));
        var app = builder.Build();
        Map(app);
        await app.StartAsync(cancellationToken);
        Console.WriteLine(Ready + new Uri(app.Urls.First()).Port);

        // Ends when its parent does.
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
        }

        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/inline", static async (Mailer mailer, CancellationToken cancellationToken) =>
        {
            await mailer.SendAsync("you", cancellationToken);
            return TypedResults.Text("sent");
        });
        app.MapGet("/after", static (BackgroundTasks tasks) =>
        {
            tasks.Add(static (Mailer mailer, CancellationToken cancellationToken) => mailer.SendAsync("you", cancellationToken));
            return TypedResults.Text("sent");
        });
        app.MapGet("/job", static async (IJobClient jobs) =>
        {
            await jobs.EnqueueAsync(new SendMail("you"));
            return TypedResults.Text("sent");
        });

        app.MapGet("/block/{queue}", static async (string queue, IJobClient jobs) =>
        {
            await jobs.EnqueueManyAsync(Enumerable.Range(0, Blocks.Slots).Select(static _ => new Block()),
                new EnqueueOptions { Queue = queue });
            return TypedResults.Text("blocked");
        });

        // The pair that shows what adding and running a task costs by itself.
        app.MapGet("/plain", static () => TypedResults.Text("done"));
        app.MapGet("/task", static (BackgroundTasks tasks) =>
        {
            tasks.Add(static () => Task.CompletedTask);
            return TypedResults.Text("done");
        });
    }

    private sealed class Mailer
    {
        public Task SendAsync(string to, CancellationToken cancellationToken) => Task.Delay(s_mail, cancellationToken);
    }
}
