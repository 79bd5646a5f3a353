using Simmer.Servers;

namespace Simmer.FleetTests.Servers;

public sealed class PgBouncerTests
{
    [Fact]
    public async Task Many_clients_share_a_few_connections_a_transaction_at_a_time()
    {
        var server = await Simmer.Servers.Postgres.Shared;
        var database = await server.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(server, poolSize: 1);
        await using var first = await Session.OpenAsync(bouncer.Through(database));
        await using var second = await Session.OpenAsync(bouncer.Through(database));

        var process = await first.RunAsync("SELECT pg_backend_pid()");
        (await second.RunAsync("SELECT pg_backend_pid()")).ShouldBe(process);

        await first.RunAsync("BEGIN");
        var waiting = second.RunAsync("SELECT 1");
        await first.RunAsync("SELECT 1");
        waiting.IsCompleted.ShouldBeFalse("the only connection is in a transaction");
        await first.RunAsync("COMMIT");
        (await waiting).ShouldBe(1);
    }
}
