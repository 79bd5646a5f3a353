using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Servers;

namespace Simmer.FleetTests.Answers;

/// <summary>Under a living web process and a living worker the tables are emptied, or the schema or the whole database is dropped and made
/// anew: whatever is acknowledged afterwards runs.</summary>
public sealed class MadeAnew : HostTest
{
    private const int Many = 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public enum What
    {
        Emptied,
        Schema,
        Database,
    }

    [Theory]
    [InlineData(What.Emptied)]
    [InlineData(What.Schema)]
    [InlineData(What.Database)]
    public async Task What_is_acknowledged_after_it_runs(What what)
    {
        await using var worker = await StartAsync(static s => Quickly(s).AddQueue("other").AddQueue("mail"));
        await using var web = await StartClientAsync(static s => Quickly(s.AddQueue("mail").AddQueue("other")));
        await DoAsync(web, 3, "before");

        await LoseAsync(what);

        var acknowledged = new List<string>();
        for (var i = 0; acknowledged.Count < Many; i++)
        {
            try
            {
                await web.Jobs.EnqueueAsync(new Note($"after {i}"), new EnqueueOptions { Queue = i % 2 == 0 ? "mail" : "other" }, Token);
                acknowledged.Add($"after {i}");
            }
            catch (StoreException e)
            {
                // The caller gets the exception and tries again.
                i.ShouldBeLessThan(1_000, e.ToString());
                await Task.Delay(20, Token);
            }
        }

        var since = TimeProvider.System.GetTimestamp();
        while (acknowledged.Except(Notes).FirstOrDefault() is { } missing)
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_patience, $"acknowledged, and not run: {missing}");
            await Task.Delay(20, Token);
        }

        Notes.Distinct().Count().ShouldBe(Notes.Count, "nothing ran twice");
    }

    private static SimmerBuilder Quickly(SimmerBuilder simmer) => simmer.Configure(static o => o.Lease = TimeSpan.FromSeconds(3));

    private async Task LoseAsync(What what)
    {
        var server = await PostgresServer.Shared;
        var name = new NpgsqlConnectionStringBuilder(Database).Database;
        switch (what)
        {
            case What.Emptied:
                var tables = await AskAsync<string>(await ConnectAsync(),
                    "SELECT string_agg('simmer.' || tablename, ', ') FROM pg_tables WHERE schemaname = 'simmer' AND tablename <> 'schema'");
                await ExecuteAsync(await ConnectAsync(), $"TRUNCATE {tables} RESTART IDENTITY CASCADE");
                break;
            case What.Schema:
                await ExecuteAsync(await ConnectAsync(), "DROP SCHEMA simmer CASCADE");
                break;
            default:
                await server.ExecuteAsync($"DROP DATABASE \"{name}\" WITH (FORCE)");
                await server.ExecuteAsync($"CREATE DATABASE \"{name}\"");
                break;
        }
    }
}
