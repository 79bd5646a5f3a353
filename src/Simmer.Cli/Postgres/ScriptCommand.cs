using System.CommandLine;
using Simmer.Postgres;

namespace Simmer.Cli.Postgres;

/// <summary>Prints the SQL that makes the store's tables, for processes that may not make them themselves
/// (<see cref="PostgresStoreOptions.Migrate"/> is false).</summary>
internal static class ScriptCommand
{
    public static Command Create()
    {
        var schema = new Option<string>("--schema") { Description = "The schema's name.",
            DefaultValueFactory = static _ => PostgresStoreOptions.DefaultSchema };
        schema.Validators.Add(result =>
        {
            if (PostgresSchema.WhyNot(result.GetValue(schema) ?? "") is { } why)
            {
                result.AddError(why);
            }
        });
        var from = new Option<long>("--from") { Description =
            "The version that is there, as  SELECT max(version) FROM simmer.schema  tells it; 0: none." };
        from.Validators.Add(result =>
        {
            if (result.GetValue(from) < 0)
            {
                result.AddError($"--from is {result.GetValue(from)}; it takes 0 or the version that is there.");
            }
        });
        var command = new Command("script",
            $"Prints the SQL that makes the tables (version {PostgresSchema.Version}) or brings them up to date, as one transaction. Run "
            + "it with a role that may create a schema, and the processes with Simmer:Postgres:Migrate = false.")
        {
            schema,
            from,
        };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output
            .Write(PostgresSchema.Script(parsed.GetValue(schema)!, parsed.GetValue(from))));
        return command;
    }
}
