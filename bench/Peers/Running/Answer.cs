using System.Text.Json;
using System.Text.Json.Serialization;

namespace Peers.Running;

/// <summary>A line that a peer's process answers with. What was not asked is not in it.</summary>
internal sealed record Answer
{
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>The first line of a process.</summary>
    public IReadOnlyDictionary<string, string>? Versions { get; init; }

    public long Jobs { get; init; }

    public double Seconds { get; init; }

    public IReadOnlyList<double>? Microseconds { get; init; }

    /// <summary>The last line: how many jobs have run in this process, all of them settled.</summary>
    public long Ran { get; init; }

    [JsonIgnore]
    public double PerSecond => Jobs / Seconds;
}
