using Simmer.FleetTests.Owner;
using Simmer.Servers;

// Owns a server, says which, and waits to be killed.
var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
Console.WriteLine(new OwnedServer(server.ProcessId, server.ConnectionString).ToLine());
await Task.Delay(Timeout.Infinite);
