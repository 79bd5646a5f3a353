using System.CommandLine;
using Simmer.Cli.Postgres;

return new RootCommand("Simmer, background tasks for .NET.")
{
    new Command("postgres", "The PostgreSQL store.") { ScriptCommand.Create() },
}.Parse(args).Invoke();
