using System.CommandLine;
using Simmer.UserView;

var quick = new Option<bool>("--quick") { Description = "A run under half a minute." };
var json = new Option<FileInfo?>("--json") { Description = "Also writes what was measured to this file." };
var root = new RootCommand("Measures what a user of an endpoint feels: 50 ms of mail inline, after the response, and as a durable job.") { quick, json };
root.SetAction(async (parsed, _) =>
{
    await using var server = await ServerProcess.StartAsync();
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
