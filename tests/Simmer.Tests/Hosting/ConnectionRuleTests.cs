using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Hosting;

/// <summary>Which connection string a store takes if there are several, what the log says of it, and that all that is wrong with the
/// configuration is told at once.</summary>
public sealed class ConnectionRuleTests : IDisposable
{
    private const string StoresKey = "Simmer:Sqlite:ConnectionString";
    private const string SharedKey = "ConnectionStrings:Simmer";
    private const int ConnectionFrom = 1090;

    private readonly string _folder = Directory.CreateTempSubdirectory("simmer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("code", "the argument of UseSqlite; set as well and not used: nothing", "code")]
    [InlineData("shared", $"the configuration key {SharedKey}; set as well and not used: the argument of UseSqlite", "code", SharedKey)]
    [InlineData("shared", $"the configuration key {SharedKey}; set as well and not used: nothing", SharedKey)]
    [InlineData("own", $"the configuration key {StoresKey}; set as well and not used: the configuration key {SharedKey} and the argument "
        + "of UseSqlite", "code", SharedKey, StoresKey)]
    public async Task The_stores_own_key_counts_before_the_shared_one_and_both_before_the_code(string used, string told,
        params string[] given)
    {
        await using var host = await EngineHost.StartAsync(
            simmer => _ = given.Contains("code") ? simmer.UseSqlite(To("code")) : simmer.UseSqlite(),
            builder => builder.Configuration.AddInMemoryCollection(given.Where(static g => g != "code")
                .Select(g => KeyValuePair.Create(g, (string?)To(g == SharedKey ? "shared" : "own")))));

        Directory.GetFiles(_folder, "*.db").Select(Path.GetFileNameWithoutExtension).ShouldBe([used]);
        host.Log.Lines.Where(static l => l.EventId == ConnectionFrom).ShouldHaveSingleItem().Text
            .ShouldContain($"Store sqlite takes its connection from {told}");
    }

    [Fact]
    public async Task Without_a_connection_string_the_process_does_not_start() =>
        (await EngineHost.RefusedAsync(static simmer => simmer.UseSqlite())).Problems.ShouldBe(
            ["UseSqlite has no connection string: give it one, or set Simmer:Sqlite:ConnectionString or ConnectionStrings:Simmer in the "
                + "configuration."]);

    [Fact]
    public async Task What_is_wrong_in_all_sections_is_told_at_once()
    {
        var error = await EngineHost.RefusedAsync(simmer => simmer.UseSqlite(To("code")),
            static builder => builder.Configuration.AddInMemoryCollection(
            [
                new("Simmer:Sqlite:LockTimeout", "5"), new("Simmer:Sqlite:Synchronos", "Full"), new("Simmer:Lease", "15"),
                new("Simmer:Worker:Nmae", "me"), new("Simmer:Queues:default:Concurrency", "many"),
            ]));

        error.Problems.ShouldBe(
        [
            "The configuration key 'Simmer:Lease' is '15'; it takes a time such as 00:00:15.",
            "The configuration key 'Simmer:Queues:default:Concurrency' is 'many'; it takes a whole number.",
            "The configuration key 'Simmer:Sqlite:LockTimeout' is '5'; it takes a time such as 00:00:15.",
            "The configuration key 'Simmer:Sqlite:Synchronos' is not known; did you mean 'Synchronous'?",
            "The configuration key 'Simmer:Worker:Nmae' is not known; did you mean 'Name'?",
        ], ignoreOrder: true);
    }

    [Fact]
    public void A_host_that_is_built_takes_Simmer_itself()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

        builder.AddSimmerCore().Services.ShouldBeSameAs(builder.Services);
    }

    private string To(string name) => $"Data Source={Path.Combine(_folder, name + ".db")};Pooling=False";
}
