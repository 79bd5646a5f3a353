using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Servers;

namespace Simmer.FleetTests.Setup;

/// <summary>Servers and data sources that cannot keep jobs are named at start, with the way out.</summary>
public sealed class StandbyTests : HostTest
{
    [Fact]
    public async Task A_standby_is_named_at_start()
    {
        await using var server = await PostgresServer.StartNewAsync();
        string folder;
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync(Token);
            folder = await AskAsync<string>(connection, "SHOW data_directory");
        }

        NpgsqlConnection.ClearAllPools();
        await server.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "standby.signal"), "", Token);
        await server.StartAsync();

        var error = await Should.ThrowAsync<StoreException>(async () => await StartAsync(connectionString: server.ConnectionString));

        error.Message.ShouldContain("is a standby, which takes no writes");
        error.Message.ShouldContain("Target Session Attributes=primary");
    }

    [Fact]
    public async Task A_multiplexing_data_source_is_refused_and_a_multiplexing_connection_string_works()
    {
        var multiplexing = new NpgsqlConnectionStringBuilder(Database) { Multiplexing = true }.ConnectionString;
        await using (var host = await StartAsync(connectionString: multiplexing))
        {
            await DoAsync(host, 3, "multiplexing");
        }

        await using var source = NpgsqlDataSource.Create(multiplexing);
        var error = await Should
            .ThrowAsync<ArgumentException>(async () => await EngineHost.StartAsync(s => s.UsePostgres(source).AddJob<Note>()));

        error.Message.ShouldContain("Multiplexing=true");
    }
}
