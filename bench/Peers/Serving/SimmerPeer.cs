using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer;

namespace Peers.Serving;

/// <summary>Simmer on one of its stores, through its public surface.</summary>
/// <param name="store">Chooses the store.</param>
/// <param name="keep">How long succeeded jobs are kept; null: as long as by default.</param>
/// <param name="tally">What the handler counts in.</param>
internal sealed class SimmerPeer(Action<SimmerBuilder> store, TimeSpan? keep, Tally tally) : IPeer
{
    private const string Queue = "default";

    private IHost? _host;
    private IJobClient? _jobs;

    public static string Version =>
        typeof(IJobClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>
    {
        ["Simmer"] = Version,
        [".NET"] = Environment.Version.ToString(),
    };

    public Task PrepareAsync() => StartAsync(works: false);

    public Task WorkAsync() => StartAsync(works: true);

    public Task AddAsync(Note note) => _jobs!.EnqueueAsync(note);

    public Task AddManyAsync(IReadOnlyList<Note> notes) => _jobs!.EnqueueManyAsync(notes);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    private async Task StartAsync(bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(tally);
        var simmer = builder.Services.AddSimmerCore()
            .Configure(o => o.Worker.Enabled = works)
            .AddQueue(Queue, q => q.KeepSucceeded = keep ?? q.KeepSucceeded)
            .AddJob<Note, NoteHandler>();
        store(simmer);
        _host = builder.Build();
        await _host.StartAsync();
        _jobs = _host.Services.GetRequiredService<IJobClient>();
    }
}
