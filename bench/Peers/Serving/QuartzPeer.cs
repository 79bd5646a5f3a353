using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quartz;

namespace Peers.Serving;

/// <summary>Quartz.NET with its jobs in PostgreSQL. A client is a scheduler that is never started.</summary>
internal sealed class QuartzPeer(string connectionString, Tally tally) : IPeer
{
    // Quartz.NET's page "Best practices" says that the pool needs three connections more than this.
    private const int MaxConcurrency = 32;

    private static readonly IJobDetail s_job = JobBuilder.Create<QuartzNote>().WithIdentity("note").StoreDurably().Build();

    private IHost? _host;
    private IScheduler? _scheduler;

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>
    {
        ["Quartz.NET"] = VersionOf(typeof(IScheduler)),
        ["Npgsql"] = VersionOf(typeof(NpgsqlConnection)),
        [".NET"] = Environment.Version.ToString(),
    };

    public Task PrepareAsync() => BuildAsync(works: false);

    public Task WorkAsync() => BuildAsync(works: true);

    public async Task AddAsync(Note note) =>
        await _scheduler!.ScheduleJob<QuartzNote, Note>(note, TimeSpan.Zero);

    public async Task AddManyAsync(IReadOnlyList<Note> notes)
    {
        var triggers = notes.Select(static n => TriggerBuilder.Create<QuartzNote>().ForJob(s_job).UsingInput(n).StartNow().Build());
        await _scheduler!.ScheduleJob(s_job, [.. triggers], ScheduleJobOptions.Replacing);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    private async Task BuildAsync(bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(tally);
        builder.Services.AddQuartz(q =>
        {
            q.ConfigureScheduler(static o => o.IdleWaitTime = TimeSpan.FromSeconds(1));
            q.UseDefaultThreadPool(MaxConcurrency);
            q.UsePersistentStore(store =>
            {
                store.UsePostgres(connectionString);
                store.UseSystemTextJsonSerializer();
                store.UseClustering();
                store.ProvisionSchema();
            });
        });
        builder.Services.AddQuartzHostedService(o => (o.WaitForJobsToComplete, o.AutoStart) = (true, works));
        _host = builder.Build();
        await _host.StartAsync();
        _scheduler = await _host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await _scheduler.AddJob(s_job, new AddJobOptions { Replace = true });
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
