using System.Diagnostics;
using Simmer.FleetTests.Hosts;
using Simmer.Postgres;

namespace Simmer.FleetTests.Migrations;

/// <summary>An administrator makes the tables by a script; the processes may not.</summary>
public sealed class Scripts : HostTest
{
    [Theory]
    [InlineData("simmer")]
    [InlineData("orders")]
    [InlineData("The \"Odd\" one, it's")]
    public async Task The_tools_script_run_by_psql_makes_what_a_process_needs_that_may_not_migrate(string schema)
    {
        var refused = await Should.ThrowAsync<StoreException>(() => StartAsync(store: Given));
        refused.Message.ShouldContain($"The schema '{schema}'");
        refused.Message.ShouldContain("has version 0");
        refused.Message.ShouldContain($"simmer postgres script --schema '{schema}' --from 0");

        var (code, script, _) = await RunToolAsync("postgres", "script", "--schema", schema);
        code.ShouldBe(0);
        await Simmer.Servers.Postgres.RunScriptAsync(Database, script);

        await using var host = await StartAsync(store: Given);
        await DoAsync(host, 3, schema);
        Notes.Count.ShouldBe(3);
        script.ShouldBe(PostgresSchema.Script(schema));

        void Given(PostgresStoreOptions options) => (options.Schema, options.Migrate) = (schema, false);
    }

    [Fact]
    public async Task From_the_version_that_is_there_nothing_is_missing()
    {
        var (code, script, _) = await RunToolAsync("postgres", "script", "--from", $"{PostgresSchema.Version}");

        (code, script)
            .ShouldBe((0,
            $"-- Simmer's schema 'simmer', from version {PostgresSchema.Version} to {PostgresSchema.Version}.\n-- Nothing is missing.\n"));
    }

    [Theory]
    [InlineData("--from", "-1", "it takes 0 or the version that is there")]
    [InlineData("--schema", "12345678901234567890123456789012345678901234567890123456789", "takes 59 bytes in UTF-8; give it 1 to 58")]
    public async Task What_the_tool_cannot_use_it_says_and_prints_no_script(string option, string value, string message)
    {
        var (code, script, error) = await RunToolAsync("postgres", "script", option, value);

        code.ShouldBe(1);
        error.ShouldContain(message);
        script.ShouldNotContain("CREATE TABLE");
    }

    private static async Task<(int Code, string Output, string Error)> RunToolAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Simmer.Cli.dll"), .. arguments]) { RedirectStandardOutput = true,
            RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await error);
    }
}
