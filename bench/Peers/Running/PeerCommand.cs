using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Peers.Contestants;
using Peers.Serving;
using Peers.Servers;
using Simmer;

namespace Peers.Running;

/// <summary>The peers that are .NET libraries run in processes of this same program.</summary>
internal static class PeerCommand
{
    public const string Name = "peer";
    public const string WebName = "web";

    public static Command Queue()
    {
        var peer = new Argument<string>("peer");
        var address = new Argument<string>("address");
        var command = new Command(Name, "Enqueues and works as it is told.") { peer, address };
        command.Hidden = true;
        command.SetAction((parsed, _) =>
        {
            var tally = new Tally();
            return new PeerLoop(Open(parsed.GetRequiredValue(peer), parsed.GetRequiredValue(address), tally), tally).RunAsync();
        });
        return command;
    }

    public static Command Web()
    {
        var port = new Argument<int>("port");
        var command = new Command(WebName, "Runs tasks after its responses.") { port };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => WebPeer.RunAsync(parsed.GetRequiredValue(port), cancellationToken));
        return command;
    }

    private static IPeer Open(string peer, string address, Tally tally) => peer switch
    {
        QuartzNet.Name => new QuartzPeer(PostgresAddress.ConnectionString(address), tally),
        SimmerOnPostgres.Name => new SimmerPeer(OnPostgres(address), TimeSpan.Zero, tally),
        SimmerOnPostgres.KeepingName => new SimmerPeer(OnPostgres(address), null, tally),
        SimmerOnSqlite.Name => new SimmerPeer(OnSqlite(address), TimeSpan.Zero, tally),
        SimmerOnSqlite.KeepingName => new SimmerPeer(OnSqlite(address), null, tally),
        _ => throw new ArgumentException($"'{peer}' is no peer of this program."),
    };

    private static Action<SimmerBuilder> OnPostgres(string address) => simmer =>
        simmer.UsePostgres(PostgresAddress.ConnectionString(address));

    private static Action<SimmerBuilder> OnSqlite(string folder) => simmer =>
        simmer.UseSqlite($"Data Source={Path.Combine(folder, "jobs.db")}");
}
