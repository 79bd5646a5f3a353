using Simmer.Servers;

// Owns a server until its input closes: says how to connect to it, then waits.
await using var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
Console.WriteLine(server.ConnectionString);
await Console.In.ReadToEndAsync();
