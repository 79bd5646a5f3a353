using System.Diagnostics;
using Npgsql;
using Simmer.DiskTests.Support;
using Simmer.Servers;

namespace Simmer.FleetTests.Servers;

public sealed class PostgresServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_stopped_in_whatever_way_starts_again_on_its_port_with_what_was_committed()
    {
        await using var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
        var database = await server.CreateDatabaseAsync();
        await Session.RunAsync(database, "CREATE TABLE stops (mode text)");

        foreach (var mode in Enum.GetValues<StopMode>())
        {
            await Session.RunAsync(database, $"INSERT INTO stops VALUES ('{mode}')");
            var process = server.ProcessId;
            await server.StopAsync(mode);
            Directory.Exists($"/proc/{process}").ShouldBeFalse();
            (await Should.ThrowAsync<NpgsqlException>(() => Session.OpenAsync(database))).InnerException
                .ShouldBeOfType<System.Net.Sockets.SocketException>();
            await server.StartAsync();
        }

        (await Session.RunAsync(database, "SELECT count(*) FROM stops")).ShouldBe(4L);
    }

    [Fact]
    public async Task A_server_that_is_killed_with_its_clients_connected_starts_again()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var session = await Session.OpenAsync(server.ConnectionString);

        await server.StopAsync(StopMode.Kill);
        await server.StartAsync();

        await Should.ThrowAsync<NpgsqlException>(() => session.RunAsync("SELECT 1"));
        (await Session.RunAsync(server.ConnectionString, "SHOW fsync")).ShouldBe("on", "what is not asked for is as PostgreSQL has it");
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why()
    {
        var error = await Should
            .ThrowAsync<InvalidOperationException>(() => PostgresServer
            .StartNewAsync(new Dictionary<string, string> { ["shared_bufers"] = "1MB" }));

        error.Message.ShouldContain("unrecognized configuration parameter \"shared_bufers\"");
    }

    [Fact]
    public async Task A_server_ends_with_the_process_that_owns_it_and_leaves_nothing_behind()
    {
        var host = Path.Combine(AppContext.BaseDirectory, "Simmer.Servers.Host.dll");
        using var owner = Process
            .Start(new ProcessStartInfo("dotnet", [host]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var server = (await owner.StandardOutput.ReadLineAsync(Token))!;
        var process = await Session.RunAsync(server, @"SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)");
        var folder = (string)(await Session.RunAsync(server, "SHOW unix_socket_directories"))!;
        (Directory.Exists($"/proc/{process}"), Directory.Exists(folder)).ShouldBe((true, true));

        owner.Kill();

        await Until.True(() => !Directory.Exists($"/proc/{process}"), "the server ends");
        await Until.True(() => !Directory.Exists(folder), "its folder is removed");
    }

    [Fact]
    public async Task Each_database_is_of_its_own_and_can_be_dropped_while_it_is_used()
    {
        var server = await Simmer.Servers.Postgres.Shared;
        var first = await server.CreateDatabaseAsync();
        var second = await server.CreateDatabaseAsync();
        await Session.RunAsync(first, "CREATE TABLE here ()");
        await using var user = await Session.OpenAsync(first);

        (await Session.RunAsync(second, "SELECT count(*) FROM pg_class WHERE relname = 'here'")).ShouldBe(0L);

        await server.DropDatabaseAsync(first);
        await server.DropDatabaseAsync(second);
        (await Should.ThrowAsync<PostgresException>(() => Session.OpenAsync(first))).SqlState
            .ShouldBe(PostgresErrorCodes.InvalidCatalogName);
    }

    [Fact]
    public async Task A_tablespace_on_a_small_disk_gets_full_and_has_room_again_while_the_rest_of_the_server_works()
    {
        using var disk = new SmallDisk(16);
        await using var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
        await server.CreateTablespaceAsync("small", disk.Folder);
        await Session.RunAsync(server.ConnectionString, "CREATE TABLE large (id bigint) TABLESPACE small");
        const string Insert = "INSERT INTO large SELECT generate_series(1, 50000)";
        await Session.RunAsync(server.ConnectionString, Insert);

        disk.Fill();
        (await Should.ThrowAsync<PostgresException>(() => Session.RunAsync(server.ConnectionString, Insert))).SqlState
            .ShouldBe(PostgresErrorCodes.DiskFull);
        await Session.RunAsync(server.ConnectionString, "CREATE TABLE elsewhere AS SELECT * FROM generate_series(1, 10000)");
        disk.Free();

        await Session.RunAsync(server.ConnectionString, Insert);
        (await Session.RunAsync(server.ConnectionString, "SELECT count(*) FROM large")).ShouldBe(100_000L);
    }
}
