using Npgsql;
using Simmer.Servers;

namespace Simmer.FleetTests.Servers;

public sealed class TcpProxyTests
{
    [Fact]
    public async Task A_cut_network_resets_its_connections_and_refuses_new_ones_until_it_heals()
    {
        var server = await Simmer.Servers.Postgres.Shared;
        await using var proxy = TcpProxy.Before(server.ConnectionString);
        var through = proxy.Through(server.ConnectionString);
        await using var session = await Session.OpenAsync(through);
        (await session.RunAsync("SELECT 1")).ShouldBe(1);
        (proxy.Accepted, proxy.Open).ShouldBe((1, 1));

        proxy.Cut();

        (await Should.ThrowAsync<NpgsqlException>(() => session.RunAsync("SELECT 1"))).IsTransient.ShouldBeTrue();
        await Should.ThrowAsync<NpgsqlException>(() => Session.OpenAsync(through));
        await Until.True(() => proxy.Open == 0, "the connection is gone");

        proxy.Heal();
        (await Session.RunAsync(through, "SELECT 2")).ShouldBe(2);
        proxy.Accepted.ShouldBe(2);
    }

    [Theory]
    [InlineData(Ways.Both)]
    [InlineData(Ways.ToServer)]
    [InlineData(Ways.ToClient)]
    public async Task A_stalled_network_keeps_its_connections_and_delivers_late_what_was_on_its_way(Ways ways)
    {
        var server = await Simmer.Servers.Postgres.Shared;
        var database = await server.CreateDatabaseAsync();
        await Session.RunAsync(database, "CREATE SEQUENCE arrived");
        await using var proxy = TcpProxy.Before(database);
        await using var session = await Session.OpenAsync(proxy.Through(database));

        proxy.Stall(ways);
        var statement = session.RunAsync("SELECT nextval('arrived')");
        if (ways == Ways.ToClient)
        {
            await using var direct = await Session.OpenAsync(database);
            var arrived = false;
            while (!arrived)
            {
                arrived = (bool)(await direct.RunAsync("SELECT is_called FROM arrived"))!;
            }
        }

        var connecting = Session.OpenAsync(proxy.Through(database));
        await Until.True(() => proxy.Open == 2, "a new connection is accepted");
        (statement.IsCompleted, connecting.IsCompleted).ShouldBe((false, false));
        if (ways != Ways.ToClient)
        {
            (await Session.RunAsync(database, "SELECT is_called FROM arrived")).ShouldBe(false);
        }

        proxy.Heal();
        (await statement).ShouldBe(1L);
        await using var late = await connecting;
        (await late.RunAsync("SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_stalled_network_tells_the_server_of_a_client_that_left_only_when_it_heals()
    {
        var server = await Simmer.Servers.Postgres.Shared;
        var database = await server.CreateDatabaseAsync();
        await using var proxy = TcpProxy.Before(database);
        await using var watcher = await Session.OpenAsync(database);
        var far = await Session.OpenAsync(proxy.Through(database));
        var near = await Session.OpenAsync(database);
        var (farProcess, nearProcess) = (await far.RunAsync("SELECT pg_backend_pid()"), await near.RunAsync("SELECT pg_backend_pid()"));

        proxy.Stall();
        await far.DisposeAsync();
        await near.DisposeAsync();
        await GoneAsync(nearProcess);
        (await LivesAsync(farProcess)).ShouldBeTrue("the one that left directly, and later, is gone");

        proxy.Heal();
        await GoneAsync(farProcess);
        await Until.True(() => proxy.Open == 0, "both ends are closed");

        async Task<bool> LivesAsync(object? process) =>
            (long)(await watcher.RunAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {process}"))! > 0;

        async Task GoneAsync(object? process)
        {
            while (await LivesAsync(process))
            {
                // The server takes a moment to see it.
            }
        }
    }
}
