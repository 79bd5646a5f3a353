using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Hosting;

public sealed class OptionsTests
{
    [Fact]
    public async Task Code_declares_and_configuration_wins()
    {
        await using var host = await EngineHost.StartAsync(
            static s => s.AddQueue("Mail", static q => q.Concurrency = 2).Configure(static o => o.DefaultMaxAttempts = 3),
            With(("Queues:mail:Concurrency", "7"), ("Lease", "00:00:20"), ("ApplicationVersion", "2.1"),
                ("queues:MAIL:durability", "inmemory")));

        var options = host.Services.GetRequiredService<IOptions<SimmerOptions>>().Value;
        options.Queues["MAIL"].Concurrency.ShouldBe(7);
        options.Queues["mail"].Durability.ShouldBe(Durability.InMemory);
        options.DefaultMaxAttempts.ShouldBe(3);
        options.Lease.ShouldBe(TimeSpan.FromSeconds(20));
        options.ApplicationVersion.ShouldBe(new Version(2, 1));
        options.Queues.Keys.ShouldBe(["default", "after-response", "Mail"], ignoreOrder: true);
    }

    [Fact]
    public async Task Lists_are_replaced_and_not_appended()
    {
        await using var host = await EngineHost.StartAsync(
            static s => s.AddQueue("video", static q => q.Requires = ["ffmpeg"])
                .Configure(static o => o.Worker.Capabilities = ["ffmpeg", "gpu"]),
            With(("Queues:video:Requires:0", "gpu"), ("Worker:Capabilities", "gpu, arm64")));

        var options = host.Services.GetRequiredService<IOptions<SimmerOptions>>().Value;
        options.Queues["video"].Requires.ShouldBe(["gpu"]);
        options.Worker.Capabilities.ShouldBe(["gpu", "arm64"]);
    }

    [Theory]
    [InlineData("Queues:mial:Concurrency", "1", "The configuration tunes queue 'mial', which is not declared; did you mean 'mail'?")]
    [InlineData("Leese", "00:00:20", "The configuration key 'Simmer:Leese' is not known; did you mean 'Lease'?")]
    [InlineData("Queues:mail:Concurency", "1", "did you mean 'Concurrency'?")]
    [InlineData("Queues:mail:Concurrency", "many", "'Simmer:Queues:mail:Concurrency' is 'many'; it takes a whole number.")]
    [InlineData("Lease", "20", "'Simmer:Lease' is '20'; it takes a time such as 00:00:15.")]
    [InlineData("Worker:Enabled", "perhaps", "it takes true or false")]
    [InlineData("ApplicationVersion", "two", "is 'two'; it takes a version of two to four numbers, such as 2.1.0.")]
    [InlineData("Queues:mail:Durability", "7", "it takes one of Auto, Durable, InMemory")]
    [InlineData("Queues:mail:Threads", "own", "it takes one of Shared, Dedicated")]
    [InlineData("Queues:mail:Concurrency", "0", "Concurrency of queue 'mail' is 0; it takes at least 1.")]
    public async Task A_slip_in_the_configuration_is_told_at_start(string key, string value, string message)
    {
        var refused = await EngineHost.RefusedAsync(static s => s.AddQueue("mail"), With((key, value)));

        refused.Problems.Count.ShouldBe(1, refused.Message);
        refused.Problems[0].ShouldContain(message);
    }

    [Fact]
    public async Task Sections_of_other_packages_are_left_alone()
    {
        await using var host = await EngineHost.StartAsync(static _ => { }, With(("Sqlite:Anything", "1"), ("Dashboard:Anything", "1")));
    }

    [Fact]
    public async Task Adding_Simmer_twice_adds_to_the_same()
    {
        await using var host = await EngineHost.StartAsync(static s => s.Services.AddSimmerCore().AddQueue("mail"));

        host.Services.GetRequiredService<IOptions<SimmerOptions>>().Value.Queues.ContainsKey("mail").ShouldBeTrue();
        host.Services.GetServices<IHostedService>().Count().ShouldBe(1);
    }

    private static Action<HostApplicationBuilder> With(params (string Key, string Value)[] settings) => b =>
        b.Configuration.AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create("Simmer:" + s.Key, (string?)s.Value)));
}
