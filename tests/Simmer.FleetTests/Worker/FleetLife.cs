using Microsoft.Extensions.Configuration;

namespace Simmer.FleetTests.Worker;

/// <summary>The settings of a worker process of a fleet that come in addition to those of its life, by the environment.</summary>
/// <param name="Database">The connection string, which may lead through a network that a test cuts.</param>
/// <param name="Shared">Whether the store uses the application's data source.</param>
/// <param name="Greedy">Whether the application takes every connection of its pool, and keeps them.</param>
/// <param name="Version">The version of the application: 1 or 2.</param>
/// <param name="Repeaters">How many callers enqueue under ids that all processes repeat.</param>
public sealed record FleetLife(string Database, bool Shared = false, bool Greedy = false, int Version = 1, int Repeaters = 0)
{
    public static FleetLife Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Fleet");
        return new FleetLife(section[nameof(Database)]!, section[nameof(Shared)] == true.ToString(),
            section[nameof(Greedy)] == true.ToString(), section[nameof(Version)] == "2" ? 2 : 1, section.GetValue<int>(nameof(Repeaters)));
    }

    /// <summary>The environment of its process.</summary>
    public Dictionary<string, string> ToEnvironment() => new()
    {
        [$"Fleet__{nameof(Database)}"] = Database,
        [$"Fleet__{nameof(Shared)}"] = $"{Shared}",
        [$"Fleet__{nameof(Greedy)}"] = $"{Greedy}",
        [$"Fleet__{nameof(Version)}"] = $"{Version}",
        [$"Fleet__{nameof(Repeaters)}"] = $"{Repeaters}",
    };
}
