using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Simmer.FleetTests.Servers;
using Simmer.Servers;

namespace Simmer.FleetTests.Setup;

/// <summary>Which database a process uses if its code names one, its configuration, or both.</summary>
public sealed class WhereTheDatabaseIsTests
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=nowhere";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_configuration_is_enough()
    {
        var database = await CreateDatabaseAsync();

        await RunAsync(static simmer => simmer.UsePostgres(), new() { ["Simmer:Postgres"] = database });

        (await HasTablesAsync(database, "simmer")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_configurations_connection_string_stands_beside_its_other_keys()
    {
        var database = await CreateDatabaseAsync();

        await RunAsync(static simmer => simmer.UsePostgres(),
            new() { ["Simmer:Postgres"] = database, ["Simmer:Postgres:Schema"] = "shop" });

        (await HasTablesAsync(database, "shop")).ShouldBeTrue();
        (await HasTablesAsync(database, "simmer")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_configuration_overrules_a_connection_string_in_the_code()
    {
        var database = await CreateDatabaseAsync();

        await RunAsync(static simmer => simmer.UsePostgres(Nowhere), new() { ["Simmer:Postgres"] = database });

        (await HasTablesAsync(database, "simmer")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Simmer:Postgres:ConnectionString", "ConnectionStrings:Simmer")]
    [InlineData("ConnectionStrings:Simmer", null)]
    public async Task The_stores_own_key_overrules_the_connection_string_that_is_named_Simmer(string key, string? other)
    {
        var database = await CreateDatabaseAsync();
        var settings = new Dictionary<string, string?> { [key] = database };
        if (other is not null)
        {
            settings[other] = Nowhere;
        }

        await RunAsync(static simmer => simmer.UsePostgres(Nowhere), settings);

        (await HasTablesAsync(database, "simmer")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_configuration_overrules_the_registered_data_source_but_not_one_that_is_handed_over()
    {
        var (configured, given) = (await CreateDatabaseAsync(), await CreateDatabaseAsync());
        await using var source = NpgsqlDataSource.Create(given);
        await using var nowhere = NpgsqlDataSource.Create(Nowhere);

        await RunAsync(simmer => Registered(simmer, nowhere).UsePostgres(), new() { ["Simmer:Postgres"] = configured });
        await RunAsync(simmer => simmer.UsePostgres(source), new() { ["Simmer:Postgres"] = Nowhere });

        (await HasTablesAsync(configured, "simmer")).ShouldBeTrue();
        (await HasTablesAsync(given, "simmer")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Without_the_key_or_with_an_empty_one_the_registered_data_source_is_used(string? value)
    {
        var database = await CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);

        await RunAsync(simmer => Registered(simmer, source).UsePostgres(), new() { ["Simmer:Postgres"] = value });

        (await HasTablesAsync(database, "simmer")).ShouldBeTrue();
    }

    [Fact]
    public async Task With_neither_the_process_does_not_start_and_says_what_to_do()
    {
        var error = await Should.ThrowAsync<SimmerSetupException>(() => RunAsync(static simmer => simmer.UsePostgres(), []));

        error.Problems.ShouldBe(
        [
            "UsePostgres has no connection string: give it one, or set Simmer:Postgres:ConnectionString or ConnectionStrings:Simmer in "
                + "the configuration. Or register an NpgsqlDataSource as a service.",
        ]);
    }

    [Theory]
    [InlineData("Shema", "shop",
        "The configuration key 'Simmer:Postgres:Shema' is not known; did you mean 'Schema'?")]
    [InlineData("Migrate", "maybe", "The configuration key 'Simmer:Postgres:Migrate' is 'maybe'; it takes true or false.")]
    [InlineData("Wakeup", "shout", "The configuration key 'Simmer:Postgres:Wakeup' is 'shout'; it takes one of Listen, Poll.")]
    [InlineData("Wakeup", "7", "The configuration key 'Simmer:Postgres:Wakeup' is '7'; it takes one of Listen, Poll.")]
    [InlineData("LockTimeout", "soon", "The configuration key 'Simmer:Postgres:LockTimeout' is 'soon'; it takes a time such as 00:00:15.")]
    [InlineData("LockTimeout", "5", "The configuration key 'Simmer:Postgres:LockTimeout' is '5'; it takes a time such as 00:00:15.")]
    [InlineData("CommandTimeout", "-00:00:01", "The CommandTimeout of UsePostgres is -00:00:01; it takes 1 millisecond to 1 day.")]
    public async Task What_is_wrong_in_the_configuration_is_refused_with_what_it_takes(string key, string value, string message)
    {
        var error = await Should
            .ThrowAsync<SimmerSetupException>(() =>
            RunAsync(static simmer => simmer.UsePostgres(Nowhere), new() { [$"Simmer:Postgres:{key}"] = value }));

        error.Problems.ShouldBe([message]);
    }

    [Fact]
    public async Task A_time_that_is_none_is_refused_in_the_code_too()
    {
        var error = await Should
            .ThrowAsync<SimmerSetupException>(() =>
            RunAsync(static simmer => simmer.UsePostgres(Nowhere, static o => o.LockTimeout = TimeSpan.Zero), []));

        error.Problems.ShouldBe(["The LockTimeout of UsePostgres is 00:00:00; it takes 1 millisecond to 1 day."]);
    }

    private static async Task<string> CreateDatabaseAsync() => await (await PostgresServer.Shared).CreateDatabaseAsync();

    private static SimmerBuilder Registered(SimmerBuilder simmer, NpgsqlDataSource source)
    {
        simmer.Services.AddSingleton(source);
        return simmer;
    }

    private static async Task<bool> HasTablesAsync(string database, string schema) =>
        await Session.RunAsync(database, $"SELECT to_regclass('{schema}.job') IS NOT NULL") is true;

    /// <summary>Starts a process's host and stops it.</summary>
    private static async Task RunAsync(Action<SimmerBuilder> use, Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        use(builder.Services.AddSimmerCore());
        using var host = builder.Build();
        await host.StartAsync(Cancelled);
        await host.StopAsync(Cancelled);
    }
}
