using System.CommandLine;
using Simmer.UserView;

var quick = new Option<bool>("--quick") { Description = "A run under half a minute." };
var blocking = new Option<bool>("--blocking") { Description =
    "Measures an endpoint beside jobs that block their threads instead: on those of the pool, and on threads of their queue's own." };
var json = new Option<FileInfo?>("--json") { Description = "Also writes what was measured to this file." };
var root = new RootCommand("Measures what a user of an endpoint feels: 50 ms of mail inline, after the response, and as a durable job.") {
    quick, blocking, json };
root.SetAction(async (parsed, _) =>
{
    await using var server = await ServerProcess.StartAsync();
    if (parsed.GetValue(blocking))
    {
        await new BesideBlocking(server.Port, parsed.GetValue(quick)).RunAsync();
        return 0;
    }

    var report = await new Comparison(server.Port, parsed.GetValue(quick)).RunAsync();
    report.Print();
    if (parsed.GetValue(json) is { } file)
    {
        report.Write(file);
    }

    return 0;
});

// The server is this same program, in a process of its own, so that client and server share nothing but the machine.
var serve = new Command("serve", "Runs the server that is measured.") { Hidden = true };
serve.SetAction(static (_, cancellationToken) => Server.RunAsync(cancellationToken));
root.Subcommands.Add(serve);
return await root.Parse(args).InvokeAsync();
