using System.Text.Json;

namespace Simmer.FleetTests.Owner;

/// <summary>The server of a process.</summary>
public sealed record OwnedServer(int ProcessId, string ConnectionString)
{
    public string ToLine() => JsonSerializer.Serialize(this);

    public static OwnedServer FromLine(string line) => JsonSerializer.Deserialize<OwnedServer>(line)!;
}
